import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { publicNkeyIn, type StateFolder } from '@countersign/local';
import { createUser } from '@nats-io/nkeys';

/** Who may do to JetStream what no identity of the platform may: make leaders step down, read by consumers. */
const IDENTITY = 'torturer';
const RIGHTS = `publish: { allow: ["$JS.>"] }, subscribe: { allow: ["_INBOX_${IDENTITY}.>"] }`;

/** Lets the torturer into the platform's account, beside the set-up. */
export function withTorturer(config: string, folder: StateFolder): string {
  const file = folder.credential(IDENTITY);
  if (!existsSync(file)) writeFileSync(file, createUser().getSeed(), { mode: 0o600 });
  const user = `      { nkey: ${publicNkeyIn(file)}, permissions: { ${RIGHTS} } }`;
  const changed = config.replace(/^.* # setup$/m, (line) => `${line}\n${user}`);
  if (changed === config) throw new Error('the configuration of NATS is not what it was: mend the torturer');
  return changed;
}

export const seedOf = (folder: StateFolder): Buffer => readFileSync(folder.credential(IDENTITY));
export { IDENTITY as TORTURER_IDENTITY };
