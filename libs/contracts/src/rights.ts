import type { Caller } from './names.js';
import {
  ALARM_SUBJECT,
  CHECKPOINT_STREAM,
  CHECKPOINT_SUBJECT,
  DELIVERED_SUBJECT,
  DELIVER_SUBJECT,
  DIRECTORY_BUCKET,
  DIRECTORY_STREAM,
  LEDGER_STREAM,
  NOBODY_TOKEN,
  POLICY_TOKEN,
  TAKEN_SUBJECT,
  TENANT_TOKEN,
  TILE_STREAM,
  callerSubject,
  courierSubject,
  inboxPrefix,
  keysSubject,
  servedSubject,
  tileSubject,
  verbsAnsweredBy,
  verbsOf,
  KEY_VERBS,
  type Role,
  type ServiceName,
} from './subjects.js';

/**
 * What one identity may do on the bus, and nothing else (I7). Entries are NATS permission subjects; `subject queue` in
 * `subscribe` allows that subscription only as a member of that queue group.
 */
export interface Rights {
  publish: string[];
  /** taken away again from `publish` */
  denyPublish?: string[];
  subscribe: string[];
}

const inbox = (identity: string): string => `${inboxPrefix(identity)}.>`;
/** Replies to whoever asks from another account cross its import under `_R_`. */
const REPLIES_ACROSS = '_R_.>';

/** How one stream stands: its length, configuration and the server's time. */
const looks = (stream: string): string => `$JS.API.STREAM.INFO.${stream}`;
/**
 * Reading one stream. No consumer, no change of the stream, and no DIRECT.GET: that one sends a stored message as it
 * is, headers and all, to whatever reply subject was named.
 */
const reads = (stream: string): string[] => [looks(stream), `$JS.API.STREAM.MSG.GET.${stream}`];
const LEDGER_AND_DIRECTORY = [...reads(LEDGER_STREAM), ...reads(DIRECTORY_STREAM)];

/** ADR-32 discovery of one service, and its metrics. */
const discovery = (service: ServiceName): string[] =>
  ['PING', 'INFO', 'STATS', 'METRICS'].flatMap((verb) => [
    `$SRV.${verb}`,
    `$SRV.${verb}.${service}`,
    `$SRV.${verb}.${service}.*`,
  ]);

const served = (service: ServiceName): string[] =>
  verbsAnsweredBy(service).map((verb) => `${servedSubject(verb)} ${service}`);

const ACCOUNT_STATES = 'ledger.*.*';
const DEVICE_RECORDS = 'ledger.*.*.*.*';
const SETTINGS = `ledger.*.${TENANT_TOKEN}`;
const POLICIES = `ledger.*.${POLICY_TOKEN}`;
/** Where releases without lanes wrote: verification still may, so that their replicas work on during an upgrade. */
const NOBODY = `ledger.*.${NOBODY_TOKEN}`; // to be named: 2.10.27 does not find `ledger.*.*` beside a longer subject with it
const NOBODY_LANES = `${NOBODY}.*`;

/** The last signed checkpoint: a ledger that ends before it has gone back. */
const CHECKPOINTS = `$JS.API.STREAM.MSG.GET.${CHECKPOINT_STREAM}`;

/** Of every tenant: the tenant's import takes its own out of it. */
const TO_COURIERS = courierSubject('*', '*');

const WATCHED_BY_AUDIT = [
  keysSubject('sign'),
  keysSubject('check'),
  ALARM_SUBJECT,
  ...LEDGER_AND_DIRECTORY,
  CHECKPOINTS,
  `$JS.API.STREAM.MSG.GET.${TILE_STREAM}`,
  CHECKPOINT_SUBJECT,
  tileSubject('*', '*'),
];
const WATCHED_BY_OPERATOR = ['$SRV.>', looks(LEDGER_STREAM), looks(DIRECTORY_STREAM)];

/**
 * Everything of the platform's that those who only watch may ask, from an account of their own. The server publishes
 * JetStream's answers to whatever reply subject a question names, and asks for no right to that subject: inside the
 * platform's account a question with the reply subject `ledger.…` would write into the ledger.
 */
export const WATCHED = [...new Set([...WATCHED_BY_AUDIT, ...WATCHED_BY_OPERATOR])];

export function serviceRights(service: ServiceName): Rights {
  const subscribe = [inbox(service), ...discovery(service), ...served(service)];
  switch (service) {
    case 'enrollment':
      return {
        publish: [
          ACCOUNT_STATES,
          DEVICE_RECORDS,
          `$KV.${DIRECTORY_BUCKET}.>`,
          ...(['provision', 'rekey', 'import', 'attest', 'sheet'] as const).map(keysSubject),
          ...LEDGER_AND_DIRECTORY,
          CHECKPOINTS,
          REPLIES_ACROSS,
        ],
        denyPublish: [SETTINGS, NOBODY],
        subscribe,
      };
    case 'verification':
      return {
        publish: [
          ACCOUNT_STATES,
          NOBODY,
          NOBODY_LANES,
          ...(['match', 'question', 'issue', 'redeem'] as const).map(keysSubject),
          DELIVER_SUBJECT,
          inbox('delivery'),
          ...LEDGER_AND_DIRECTORY,
          CHECKPOINTS,
          REPLIES_ACROSS,
        ],
        denyPublish: [SETTINGS, POLICIES],
        subscribe: [...subscribe, ALARM_SUBJECT, `${DELIVERED_SUBJECT} ${service}`],
      };
    case 'audit':
      return {
        publish: [...WATCHED_BY_AUDIT, REPLIES_ACROSS, inbox('operator')],
        subscribe,
      };
    case 'key-derivation':
      return {
        publish: [inbox('enrollment'), inbox('verification'), REPLIES_ACROSS],
        subscribe: [...subscribe, ...KEY_VERBS.map((verb) => `${keysSubject(verb)} ${service}`)],
      };
    case 'delivery':
      return {
        publish: [DELIVERED_SUBJECT, TAKEN_SUBJECT, TO_COURIERS, inbox('verification'), REPLIES_ACROSS],
        subscribe: [...subscribe, `${DELIVER_SUBJECT} ${service}`, TAKEN_SUBJECT],
      };
  }
}

/**
 * A backend, inside its tenant's account: its role's verbs under its own name, and its own inbox. A courier asks nothing, and
 * hears the codes that it should pass on.
 */
export function callerRights(caller: Caller, role: Role): Rights {
  return {
    publish: verbsOf(role).map((verb) => callerSubject(caller, verb)),
    subscribe: [inbox(caller), ...(role === 'courier' ? [courierSubject(caller)] : [])],
  };
}

/** Whoever runs the platform: sees that services live and how the ledger stands, and asks nothing of a tenant's. */
export const OPERATOR_RIGHTS: Rights = {
  publish: WATCHED_BY_OPERATOR,
  subscribe: [inbox('operator')],
};

/** The set-up: makes the streams and writes tenants' settings. No service has it; it belongs offline. */
export const SETUP_RIGHTS: Rights = {
  publish: [
    '$JS.API.INFO',
    ...[LEDGER_STREAM, DIRECTORY_STREAM, CHECKPOINT_STREAM, TILE_STREAM].flatMap((stream) => [
      `$JS.API.STREAM.CREATE.${stream}`,
      ...reads(stream),
    ]),
    SETTINGS,
  ],
  subscribe: [inbox('setup')],
};
