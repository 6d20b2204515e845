// Who may import whom. Arrows point one way; a workspace that is not in this table may not exist.

/** Folder of each workspace, and the workspaces it may import. @type {Record<string, readonly string[]>} */
export const ARROWS = {
  'libs/runtime': [],
  'libs/observe': ['libs/runtime'],
  'libs/contracts': ['libs/runtime'],
  'libs/account': ['libs/runtime', 'libs/contracts'],
  'libs/oath': ['libs/runtime'],
  'libs/pairing': ['libs/runtime'],
  'libs/sealing': ['libs/runtime', 'libs/pairing'],
  'libs/tlog': ['libs/runtime'],
  'libs/bus': libraries('observe'),
  'libs/api': libraries('bus'),
  'libs/ledger': libraries('account', 'bus', 'observe', 'tlog'),

  'services/enrollment': libraries('account', 'oath', 'pairing', 'bus', 'ledger', 'observe'),
  'services/key-derivation': libraries('oath', 'pairing', 'sealing', 'tlog', 'bus', 'observe'),
  'services/verification': libraries('account', 'oath', 'bus', 'ledger', 'observe'),
  'services/audit': libraries('account', 'bus', 'ledger', 'tlog', 'observe'),
  'services/delivery': libraries('bus', 'sealing', 'observe'),

  'clients/caller': libraries('bus', 'sealing'),
  'clients/device': [...libraries('oath', 'pairing'), 'clients/caller'],
  'clients/token-files': libraries('oath'),
  'clients/audit-verifier': ['libs/tlog'],
  'clients/cli': [
    ...libraries('account', 'oath', 'pairing', 'sealing', 'tlog', 'bus'),
    'clients/audit-verifier',
    'clients/caller',
    'clients/device',
    'clients/token-files',
    'deploy/local',
  ],

  'clients/testkit': [...libraries('bus', 'oath', 'pairing'), 'clients/caller', 'deploy/local'],

  'deploy/local': libraries('bus', 'sealing', 'tlog'),

  test: [
    ...libraries('api', 'observe', 'account', 'oath', 'pairing', 'sealing', 'tlog', 'bus', 'ledger'),
    'clients/caller',
    'clients/device',
    'clients/token-files',
    'clients/audit-verifier',
    'clients/cli',
    'clients/testkit',
    'deploy/local',
  ],
};

/** The only workspace that loads the HSM's library. */
export const HSM_HOLDER = 'services/key-derivation';

/** The heart knows no framework, no bus and no operating system: it imports these workspaces, itself, and nothing else. */
export const PURE = 'libs/account';

/** Whoever checks a log offline runs code that cannot reach anybody: it imports the log's arithmetic and reads files. */
export const OFFLINE = 'clients/audit-verifier';

/** Nest stays in the services: everyone else uses the bus's client half. */
export const NEST_HALF_OF_THE_BUS = '@countersign/bus/nest';

/**
 * Runtime and contracts, which everyone may import, and these.
 * @param {...string} names
 */
function libraries(...names) {
  return ['runtime', 'contracts', ...names].map((name) => `libs/${name}`);
}
