import { SERVICES, type ServiceName } from '@countersign/contracts';
import { childVariables } from '../child-variables.js';
import { callerCredentials } from '../credentials.js';
import type { StateFolder } from '../folder.js';
import { hsmVariables } from '../hsm.js';
import { placesOf, type Plan } from '../plan.js';
import type { Servers } from '../runtime.js';
import { serviceProgram } from '../services.js';
import { tlsOf } from '../tls/certificates.js';

/** What one container is given of the platform's folder, at the same paths. */
export interface Part {
  name: string;
  files: string[];
  /** folders on which it has something of its own mounted */
  rooms: string[];
  /** of its program: written into a file `variables` */
  variables?: Record<string, string>;
}

/** What the images have. */
export const IMAGE_SERVERS: Servers = {
  natsServer: 'nats-server',
  redisServer: 'redis-server',
  softhsmModule: '/usr/lib/softhsm/libsofthsm2.so',
  softhsmUtil: '',
  libraryPath: '',
};

/** Where the ceremony leaves the public keys: what it alone writes and the set-up reads. */
export const PUBLISHED = '/countersign/public/public.json';

/** Callers as whom the tour asks. */
const CAST = [
  ['acme', 'app'],
  ['acme', 'desk'],
  ['acme', 'audit'],
  ['beta', 'app'],
] as const;

/** Those that have to be there before the token is. */
export function firstParts(folder: StateFolder, plan: Plan): Part[] {
  const tls = (name: string): string[] => Object.values<string>({ ...tlsOf(folder, plan, name) });
  const ceremony = {
    ...hsmVariables(folder, IMAGE_SERVERS),
    HSM_SO_PIN_FILE: folder.hsmSecurityOfficerPin(),
    HSM_PUBLIC_FILE: PUBLISHED,
  };
  return [
    { name: 'nats', files: [folder.natsConfig(), ...tls('nats')], rooms: [folder.natsStore()] },
    { name: 'redis', files: [folder.redisConfig(), ...tls('redis')], rooms: [] },
    {
      ...{ name: 'ceremony', variables: ceremony, rooms: [folder.hsmTokens(), folder.published()] },
      files: filesIn(ceremony, folder),
    },
  ];
}

/** Everybody else: each service with what its variables name and no more, and the tour with its callers'. */
export function laterParts(folder: StateFolder, plan: Plan): Part[] {
  const cast = CAST.flatMap(([tenant, caller]) => filesIn({ ...callerCredentials(folder, tenant, caller) }, folder));
  const files = [folder.plan(), folder.hsmPublic(), folder.tlsTrusted(), ...cast];
  return [...SERVICES.map((name) => servicePart(name, folder, plan)), { name: 'tour', files, rooms: [] }];
}

function servicePart(name: ServiceName, folder: StateFolder, plan: Plan): Part {
  const places = { folder, servers: IMAGE_SERVERS, at: placesOf(plan), plan };
  const ours = Object.keys(childVariables());
  const all = Object.entries(serviceProgram(name, 1, places).variables);
  const variables = Object.fromEntries(all.filter(([variable]) => !ours.includes(variable)));
  const rooms = name === 'key-derivation' ? [folder.hsmTokens()] : [folder.state('')];
  return { name, files: filesIn(variables, folder), rooms, variables };
}

/** Whatever of these values is a path in the folder, but of what a program makes itself. */
const filesIn = (values: Record<string, unknown>, folder: StateFolder): string[] =>
  Object.values(values).filter(
    (value): value is string =>
      typeof value === 'string' &&
      value.startsWith(`${folder.path}/`) &&
      !value.startsWith(folder.state('')) &&
      value !== PUBLISHED,
  );
