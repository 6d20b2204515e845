import { callers, everybody, memberOf, type Who } from './everybody.js';

/**
 * What the design says about a subject, written by hand: the code that makes rights is not asked. Who is not named may
 * not.
 */
export interface Row {
  subject: string;
  publish: Who[];
  /** may subscribe as it likes: alone, or in any queue group */
  hear: Who[];
  /** may subscribe only as a member of the queue group named like itself */
  serve: Who[];
  /** a subject with wildcards is only subscribed to: published, it would be one odd literal subject */
  only?: 'subscribe';
}

type Named = Partial<Pick<Row, 'publish' | 'hear' | 'serve'>>;

const rows = (subjects: string[], { publish = [], hear = [], serve = [] }: Named = {}): Row[] =>
  subjects.map((subject) => ({
    subject,
    publish,
    hear,
    serve,
    ...(/(^|\.)[*>](\.|$)/.test(subject) && { only: 'subscribe' as const }),
  }));
const nobody = (...subjects: string[]): Row[] => rows(subjects);

type AsksFor = 'verifier' | 'enroller' | 'operator' | 'auditor' | 'gateway';
/** `at`: how the subject goes on where a verb is one replica's. */
const VERBS: [verb: string, asked: AsksFor[], answered: Who, at?: string][] = [
  ['verify', ['verifier'], 'verification'],
  ['device.confirm', ['enroller', 'operator', 'gateway'], 'verification'],
  ['rekey.confirm', ['enroller', 'operator', 'gateway'], 'verification'],
  ['resync', ['verifier'], 'verification'],
  ['recover', ['verifier'], 'verification'],
  ['sheet.verify', ['verifier'], 'verification'],
  ['challenge.issue', ['verifier'], 'verification'],
  ['challenge.verify', ['verifier'], 'verification'],
  ['challenge.send', ['verifier'], 'verification'],
  ['challenge.cancel', ['verifier'], 'verification'],
  ['account.unlock', ['operator'], 'verification'],
  ['account.create', ['enroller', 'operator'], 'enrollment'],
  ['account.get', ['enroller', 'operator'], 'enrollment'],
  ['account.names', ['enroller', 'operator'], 'enrollment'],
  ['enroll.exchange', ['enroller', 'operator'], 'enrollment'],
  ['activation.issue', ['enroller', 'operator'], 'enrollment'],
  ['activation.redeem', ['enroller', 'operator', 'gateway'], 'enrollment'],
  ['recovery.issue', ['enroller', 'operator'], 'enrollment'],
  ['sheet.issue', ['enroller', 'operator'], 'enrollment'],
  ['rekey.begin', ['enroller', 'operator', 'gateway'], 'enrollment'],
  ['device.attest', ['enroller', 'operator', 'gateway'], 'enrollment'],
  ['device.replace', ['enroller', 'operator'], 'enrollment'],
  ['account.erase', ['operator'], 'enrollment'],
  ['pair.open', ['enroller', 'operator'], 'enrollment'],
  ['pair.share', ['enroller', 'operator', 'gateway'], 'enrollment', '.r1'],
  ['pair.confirm', ['enroller', 'operator', 'gateway'], 'enrollment', '.r1'],
  ['device.list', ['enroller', 'operator'], 'enrollment'],
  ['device.disable', ['operator'], 'enrollment'],
  ['device.enable', ['operator'], 'enrollment'],
  ['device.revoke', ['operator'], 'enrollment'],
  ['device.import', ['operator'], 'enrollment'],
  ['device.import.key', ['operator'], 'enrollment'],
  ['device.import.begin', ['operator'], 'enrollment'],
  ['device.import.batch', ['operator'], 'enrollment'],
  ['policy.get', ['operator'], 'enrollment'],
  ['policy.set', ['operator'], 'enrollment'],
  ['policy.history', ['operator'], 'enrollment'],
  ['audit.events', ['auditor'], 'audit'],
  ['audit.checkpoint', ['auditor'], 'audit'],
  ['audit.proof', ['auditor'], 'audit'],
  ['audit.entry', ['auditor'], 'audit'],
  ['audit.receipt', ['auditor'], 'audit'],
];
export const verbsInTheTable = VERBS.map(([verb]) => verb);

const names = [...new Set(callers.map((who) => memberOf(who).name)), 'nobody-s-name'];

/** On the platform `<caller>.sheet.verify` reads as the `verify` of a caller `sheet`: whoever answers that may serve it. */
const readAs = (verb: string): Who[] => {
  const [, last, ...more] = verb.split('.');
  return VERBS.filter(([other]) => other === last && more.length === 0).map(([, , service]) => service);
};

/** Inside a tenant: each caller its own role's verbs, under its own name. */
const asked = names.flatMap((name) =>
  VERBS.flatMap(([verb, roles, , at = '']) =>
    rows([`countersign.v1.${name}.${verb}${at}`], {
      publish: callers.filter((who) => memberOf(who).name === name && roles.includes(memberOf(who).role as AsksFor)),
      serve: readAs(verb),
    }),
  ),
);

/** On the platform: the service that answers, in its queue group; published by the import alone. */
const answered = VERBS.map(([verb, , service, at = '']) => [verb + at, service] as const).flatMap(([verb, service]) => [
  ...rows([`countersign.v1.*.*.${verb}`, `countersign.v1.acme.*.${verb}`], { serve: [service] }),
  ...rows(
    ['acme', 'beta', 'gamma'].flatMap((tenant) =>
      ['app', 'ops', 'verification'].map((name) => `countersign.v1.${tenant}.${name}.${verb}`),
    ),
    { serve: [service] },
  ),
  ...rows([`countersign.v1.*.${verb}`], { serve: readAs(verb) }),
  ...nobody(`countersign.v1.>.${verb}`, `countersign.v2.*.*.${verb}`, verb),
]);

/** A replica's verb without the replica is nobody's, and a caller names one replica, not all. */
const ofOneReplica = VERBS.filter(([, , , at]) => at !== undefined).flatMap(([verb, , service]) => [
  ...nobody(verb, `countersign.v1.app.${verb}`, `countersign.v1.acme.app.${verb}`, `countersign.v1.*.*.${verb}`),
  ...nobody(`countersign.v1.gate.${verb}.r1.x`, `countersign.v1.acme.gate.${verb}.r1.x`),
  ...rows([`countersign.v1.*.*.${verb}.*`], { serve: [service] }),
]);

const noSuchVerbs = nobody(
  ...[
    'delete',
    'verify.all',
    'device',
    'device.import.key.secret',
    'account',
    'account.delete',
    'policy',
    'policy.delete',
    'audit',
  ].flatMap((verb) => [`countersign.v1.app.${verb}`, `countersign.v1.acme.app.${verb}`]),
  'countersign',
  'countersign.v1',
  'countersign.v1.app',
  'countersign.v1.acme.app',
  'countersign.>',
  'countersign.v1.>',
  'countersign.v1.*.*',
  'countersign.v1.*.*.>',
  'countersign.v1.app.>',
  'countersign.v1.acme.app.>',
);

const internal = [
  ...rows(
    ['match', 'question', 'issue', 'redeem'].map((verb) => `countersign.internal.keys.${verb}`),
    { publish: ['verification'], serve: ['key-derivation'] },
  ),
  ...rows(
    ['provision', 'rekey', 'import', 'attest', 'sheet'].map((verb) => `countersign.internal.keys.${verb}`),
    {
      publish: ['enrollment'],
      serve: ['key-derivation'],
    },
  ),
  ...rows(
    ['sign', 'check'].map((verb) => `countersign.internal.keys.${verb}`),
    {
      publish: ['audit'],
      serve: ['key-derivation'],
    },
  ),
  ...rows(['countersign.internal.alarm'], { publish: ['audit'], hear: ['verification'] }),
  ...rows(['countersign.internal.deliver'], { publish: ['verification'], serve: ['delivery'] }),
  ...rows(['countersign.internal.delivered'], { publish: ['delivery'], serve: ['verification'] }),
  ...rows(['countersign.internal.delivery.taken'], { publish: ['delivery'], hear: ['delivery'] }),
  ...nobody(
    'countersign.internal.deliver.x',
    'countersign.internal.delivery',
    'countersign.internal.delivery.*',
    'countersign.internal.delivery.other',
    'countersign.internal',
    'countersign.internal.>',
    'countersign.internal.*',
    'countersign.internal.keys',
    'countersign.internal.keys.*',
    'countersign.internal.keys.>',
    'countersign.internal.keys.export',
    'countersign.internal.keys.match.x',
    'countersign.internal.alarm.x',
    'countersign.internal.*.match',
  ),
];

/** Inside a tenant a courier hears its own codes; on the platform delivery publishes them, and nobody hears them. */
const couriers = [
  ...rows(['countersign.delivery.post'], { hear: ["acme's courier"] }),
  ...rows(['countersign.delivery.acme.post', 'countersign.delivery.beta.post', 'countersign.delivery.gamma.x'], {
    publish: ['delivery'],
  }),
  ...nobody(
    ...['app', 'desk', 'gate', 'verification', 'delivery'].map((name) => `countersign.delivery.${name}`),
    'countersign.delivery',
    'countersign.delivery.*',
    'countersign.delivery.>',
    'countersign.delivery.*.*',
    'countersign.delivery.acme.*',
    'countersign.delivery.acme.post.x',
  ),
];

/** Nobody hears the ledger as it is written: it is read, message by message. */
const ledger = ['acme', 'beta', 'gamma'].flatMap((tenant) => [
  ...rows([`ledger.${tenant}.0123456789abcdefghjk`], { publish: ['enrollment', 'verification'] }),
  ...rows([`ledger.${tenant}.0123456789abcdefghjk.mnpqrstvwxyz.1`], { publish: ['enrollment'] }),
  ...rows([`ledger.${tenant}._policy`], { publish: ['enrollment'] }),
  ...rows([`ledger.${tenant}._nobody`, `ledger.${tenant}._nobody.4x`], { publish: ['verification'] }),
  ...rows([`ledger.${tenant}._tenant`], { publish: ['the set-up'] }),
  ...nobody(
    `ledger.${tenant}`,
    `ledger.${tenant}.0123456789abcdefghjk.mnpqrstvwxyz`,
    `ledger.${tenant}.0123456789abcdefghjk.mnpqrstvwxyz.1.x`,
    `ledger.${tenant}.>`,
    `ledger.${tenant}.*`,
    `ledger.${tenant}._nobody.*`,
    `ledger.${tenant}._tenant.4x`,
    `ledger.${tenant}._policy.4x`,
  ),
]);
const ledgerAsAWhole = nobody(
  'ledger',
  'ledger.>',
  'ledger.*',
  'ledger.*.*',
  'ledger.*._tenant',
  'ledger.*.0123456789abcdefghjk',
  'ledger.*.*.*.*',
  'ledgers.acme.x',
);

const directory = [
  ...rows(['$KV.directory.acme.abc', '$KV.directory.x'], { publish: ['enrollment'] }),
  ...nobody('$KV.directory', '$KV.directory.>', '$KV.>', '$KV.other.x', '$KV.other.>', '$O.directory.x', '$OBJ.x'),
];

const READERS: Who[] = ['enrollment', 'verification', 'audit', 'the set-up'];
const STREAMS = ['ledger', 'KV_directory', 'checkpoints', 'tiles', 'other', 'KV_other'];
const OURS = ['ledger', 'KV_directory'];
/** What audit makes of the ledger, and who may read it: whoever writes the ledger looks whether it ends before what was signed. */
const LOGS: [stream: string, readers: Who[]][] = [
  ['checkpoints', READERS],
  ['tiles', ['audit', 'the set-up']],
];

const jetStream = [
  ...OURS.flatMap((stream) => [
    ...rows([`$JS.API.STREAM.INFO.${stream}`], { publish: [...READERS, "the platform's operator"] }),
    ...rows([`$JS.API.STREAM.MSG.GET.${stream}`], { publish: READERS }),
    ...rows([`$JS.API.STREAM.CREATE.${stream}`], { publish: ['the set-up'] }),
  ]),
  ...LOGS.flatMap(([stream, readers]) => [
    ...rows([`$JS.API.STREAM.INFO.${stream}`, `$JS.API.STREAM.CREATE.${stream}`], { publish: ['the set-up'] }),
    ...rows([`$JS.API.STREAM.MSG.GET.${stream}`], { publish: readers }),
    ...rows([`watched.$JS.API.STREAM.MSG.GET.${stream}`], { publish: ['audit'] }),
    ...nobody(`watched.$JS.API.STREAM.INFO.${stream}`),
  ]),
  ...rows(['log.checkpoint', 'log.tile.0.0', 'log.tile.1.17'], { publish: ['audit'] }),
  ...nobody('log', 'log.>', 'log.checkpoint.1', 'log.tile', 'log.tile.0', 'log.tile.0.1.2', 'log.tile.*.*'),
  ...rows(['$JS.API.INFO'], { publish: ['the set-up'] }),
  ...STREAMS.filter((stream) => stream.endsWith('other')).flatMap((stream) =>
    nobody(...['INFO', 'MSG.GET', 'CREATE'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`)),
  ),
  ...STREAMS.flatMap((stream) =>
    nobody(
      ...['UPDATE', 'DELETE', 'PURGE', 'MSG.DELETE', 'SNAPSHOT', 'RESTORE', 'PEER.REMOVE', 'LEADER.STEPDOWN'].map(
        (verb) => `$JS.API.STREAM.${verb}.${stream}`,
      ),
      `$JS.API.DIRECT.GET.${stream}`,
      `$JS.API.DIRECT.GET.${stream}.ledger.acme.0123456789abcdefghjk`,
      `$JS.API.DIRECT.GET.${stream}.$KV.directory.x`,
      ...['CREATE', 'NAMES', 'LIST', 'INFO', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}`),
      ...['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'MSG.NEXT', 'PAUSE', 'UNPIN', 'LEADER.STEPDOWN'].map(
        (verb) => `$JS.API.CONSUMER.${verb}.${stream}.mine`,
      ),
      `$JS.API.CONSUMER.CREATE.${stream}.mine.ledger.acme.0123456789abcdefghjk`,
      `$JS.ACK.${stream}.mine.1.1.1.1.1`,
      `$JS.FC.${stream}.mine.abc`,
      `$JS.SNAPSHOT.ACK.${stream}.x`,
      `$JS.SNAPSHOT.RESTORE.${stream}.x`,
      `$JS.API.ACCOUNT.PURGE.${stream}`,
    ),
  ),
  ...nobody(
    '$JS.API.STREAM.LIST',
    '$JS.API.STREAM.NAMES',
    '$JS.API.STREAM.TEMPLATE.CREATE.x',
    '$JS.API.META.LEADER.STEPDOWN',
    '$JS.API.SERVER.REMOVE',
    '$JS.API.ACCOUNT.INFO',
    '$JS.API.>',
    '$JS.>',
    '$JS.EVENT.ADVISORY.>',
    '$JS.EVENT.ADVISORY.API',
    '$JS.EVENT.METRIC.x',
    '$JSC.>',
    '$JSC.R.x',
    '$JS.other.API.STREAM.INFO.ledger',
  ),
  // The name under which an account that only watches imports the same questions.
  ...OURS.flatMap((stream) => [
    ...rows([`watched.$JS.API.STREAM.INFO.${stream}`], { publish: ['audit', "the platform's operator"] }),
    ...rows([`watched.$JS.API.STREAM.MSG.GET.${stream}`], { publish: ['audit'] }),
    ...nobody(`watched.$JS.API.STREAM.PURGE.${stream}`, `watched.$JS.API.STREAM.CREATE.${stream}`),
  ]),
  ...nobody('watched.>', 'watched.$JS.API.>'),
];

const SERVICES: Who[] = ['enrollment', 'verification', 'key-derivation', 'audit', 'delivery'];
const OPERATOR: Who[] = ["the platform's operator"];
const discovery = [
  ...['PING', 'INFO', 'STATS', 'METRICS'].flatMap((verb) => [
    ...rows([`$SRV.${verb}`], { publish: OPERATOR, hear: SERVICES }),
    ...SERVICES.flatMap((who) =>
      rows([`$SRV.${verb}.${who}`, `$SRV.${verb}.${who}.abc`], { publish: OPERATOR, hear: [who] }),
    ),
    ...SERVICES.flatMap((who) => rows([`$SRV.${verb}.${who}.*`], { hear: [who] })),
    ...nobody(`$SRV.${verb}.>`, `$SRV.${verb}.*`, `$SRV.${verb}.*.*`),
  ]),
  ...rows(['$SRV.SCHEMA', '$SRV.PING.other'], { publish: OPERATOR }),
  ...nobody('$SRV', '$SRV.>', '$SRV.*'),
];

const ANSWERED_BY: Record<string, Who[]> = {
  enrollment: ['key-derivation'],
  verification: ['key-derivation', 'delivery'],
  delivery: ['verification'],
  operator: ['audit'],
};
const inboxes = [
  ...[...new Set(everybody.map((who) => memberOf(who).name)), 'stranger'].flatMap((name) => {
    const hear = everybody.filter((who) => memberOf(who).name === name);
    const answeredBy = ANSWERED_BY[name] ?? [];
    return [
      ...rows([`_INBOX_${name}.abc`, `_INBOX_${name}.abc.1`], { publish: answeredBy, hear }),
      ...rows([`_INBOX_${name}.>`, `_INBOX_${name}.abc.*`], { hear }),
      ...nobody(`_INBOX_${name}`, `_INBOX.${name}.abc`, `_INBOX_${name}x.abc`),
    ];
  }),
  ...nobody('_INBOX.>', '_INBOX.abc', '_INBOX_.abc', '_INBOX_*.>', '*.abc', '*.abc.1', '*.>', '*.*', '>', '*'),
  ...rows(['_R_.abc', '_R_.abc.def'], { publish: SERVICES }),
  ...nobody('_R_', '_R_.>', '_R_.*', '_GR_.abc', '_GR_.>'),
];

const server = nobody(
  '$SYS.>',
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.SERVER.PING.CONNZ',
  '$SYS.REQ.ACCOUNT.PLATFORM.CONNZ',
  '$SYS.REQ.USER.INFO',
  '$SYS.REQ.CLAIMS.UPDATE',
  '$SYS.ACCOUNT.PLATFORM.CONNECT',
  '$SYS.ACCOUNT.*.>',
  '$LDS.x',
  '$GNR.x',
  '$NRG.>',
  '$MQTT.sub.x',
  '$G',
  'x',
  'a.b.c',
);

export const TABLE: Row[] = [
  ...asked,
  ...answered,
  ...ofOneReplica,
  ...noSuchVerbs,
  ...internal,
  ...couriers,
  ...ledger,
  ...ledgerAsAWhole,
  ...directory,
  ...jetStream,
  ...discovery,
  ...inboxes,
  ...server,
];
