import { reasonOf } from '@countersign/runtime';
import { bus } from './bus.js';
import { credentials, modes } from './files.js';
import { certificates } from './certificates.js';
import { wrong, type Finding, type Patient } from './finding.js';
import { lock, ports, redisDoor, token } from './running.js';
import { configurations, versions } from './servers.js';

type Look = (patient: Patient) => Finding[] | Promise<Finding[]>;

/** Every look, in the order in which they are told. A new one is a line here. */
const LOOKS: Record<string, Look> = {
  lock,
  modes,
  credentials,
  certificates,
  versions,
  configurations,
  token,
  ports,
  redisDoor,
  bus,
};

/** Everything that is found; a look that fails is a finding itself. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [name, look] of Object.entries(LOOKS)) {
    try {
      found.push(...(await look(patient)));
    } catch (error) {
      found.push(wrong(name, `could not be looked at: ${reasonOf(error)}`, 'mend what it says, and look again'));
    }
  }
  return found;
}
