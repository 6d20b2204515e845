import { describe, expect, test } from '@jest/globals';
import {
  OPERATOR_RIGHTS,
  ROLES,
  SERVICES,
  SETUP_RIGHTS,
  callerRights,
  callerSubject,
  parseCaller,
  serviceRights,
  verbs,
  verbsOf,
  type Rights,
} from './index.js';

/** NATS's own rule: `*` stands for one token, `>` for one or more at the end. */
function covers(pattern: string, subject: string): boolean {
  const [ours, theirs] = [pattern.split('.'), subject.split('.')];
  for (const [n, token] of ours.entries()) {
    if (token === '>') return theirs.length > n;
    if (theirs[n] === undefined || (token !== '*' && token !== theirs[n])) return false;
  }
  return ours.length === theirs.length;
}
const mayPublish = ({ publish, denyPublish = [] }: Rights, subject: string): boolean =>
  publish.some((each) => covers(each, subject)) && !denyPublish.some((each) => covers(each, subject));
const maySubscribe = ({ subscribe }: Rights, subject: string): boolean =>
  subscribe.some((each) => covers(each.split(' ')[0] as string, subject));

const WEB = parseCaller('web');
const services = SERVICES.map((name) => [name, serviceRights(name)] as const);
const callers = ROLES.map((role) => [role, callerRights(WEB, role)] as const);
const everybody: (readonly [string, Rights])[] = [
  ...services,
  ...callers,
  ['operator of the platform', OPERATOR_RIGHTS],
  ['set-up', SETUP_RIGHTS],
];
const STREAMS = ['ledger', 'KV_directory', 'other'];
const ACCOUNT = 'ledger.acme.0123456789abcdefghjk';
const RECORD = `${ACCOUNT}.mnpqrstvwxyz.1`;

describe.each(everybody)('%s', (name, rights) => {
  test('changes, empties and deletes no stream, and makes no consumer', () => {
    for (const stream of STREAMS)
      for (const verb of [
        'UPDATE',
        'DELETE',
        'PURGE',
        'MSG.DELETE',
        'SNAPSHOT',
        'RESTORE',
        'PEER.REMOVE',
        'LEADER.STEPDOWN',
      ])
        expect([verb, mayPublish(rights, `$JS.API.STREAM.${verb}.${stream}`)]).toEqual([verb, false]);
    for (const stream of STREAMS)
      for (const consumer of ['CREATE', 'DURABLE.CREATE', 'MSG.NEXT', 'DELETE', 'INFO', 'LIST', 'NAMES', 'PAUSE'])
        for (const rest of [stream, `${stream}.c`, `${stream}.c.ledger.>`])
          expect([consumer, mayPublish(rights, `$JS.API.CONSUMER.${consumer}.${rest}`)]).toEqual([consumer, false]);
    expect(mayPublish(rights, '$JS.ACK.ledger.c.1.1.1.1.1')).toBe(false);
    expect(mayPublish(rights, '$JS.API.STREAM.CREATE.other')).toBe(false);
  });

  test('only the set-up creates the two streams', () => {
    for (const stream of ['ledger', 'KV_directory'])
      expect(mayPublish(rights, `$JS.API.STREAM.CREATE.${stream}`)).toBe(name === 'set-up');
  });

  test('has no wildcard that reaches over everything, and no system subject', () => {
    for (const subject of [
      'x',
      'a.b.c',
      '$SYS.REQ.SERVER.PING',
      '$SYS.REQ.ACCOUNT.PLATFORM.INFO',
      '_INBOX.x',
      '$KV.other.x',
    ])
      expect([subject, mayPublish(rights, subject), maySubscribe(rights, subject)]).toEqual([subject, false, false]);
  });

  test('hears no event of the ledger or the directory as it is written', () => {
    for (const subject of [ACCOUNT, RECORD, 'ledger.acme._tenant', '$KV.directory.x', '_R_.abc', '_R_.abc.def'])
      expect([subject, maySubscribe(rights, subject)]).toEqual([subject, false]);
  });

  test("hears its own inbox and nobody else's", () => {
    const others = [...SERVICES, 'operator', 'setup', 'web', 'shop'];
    const heard = others.filter((each) => maySubscribe(rights, `_INBOX_${each}.abc.1`));
    const inboxes: Record<string, string> = { 'operator of the platform': 'operator', 'set-up': 'setup' };
    const own = inboxes[name] ?? ((ROLES as readonly string[]).includes(name) ? 'web' : name);
    expect(heard).toEqual([own]);
  });

  test('hears a verb only if it is the service that answers it, and in its queue group', () => {
    const answers = rights.subscribe.filter((each) => each.startsWith('countersign.v1.') || each.includes('.keys.'));
    for (const each of answers) expect(each.split(' ')[1]).toBe(name);
    if (!(SERVICES as readonly string[]).includes(name)) expect(answers).toEqual([]);
  });
});

describe('each verb', () => {
  test.each(verbs)('%s is heard by one service', (verb) => {
    const hears = everybody.filter(([, rights]) =>
      maySubscribe(rights, callerSubject(WEB, verb, 'r1').replace('v1.', 'v1.acme.')),
    );
    expect(hears.length).toBe(1);
  });

  test.each(['match', 'provision', 'rekey', 'import', 'attest', 'sign', 'check'])(
    'keys.%s is heard by the key service alone',
    (verb) => {
      const subject = `countersign.internal.keys.${verb}`;
      expect(everybody.filter(([, rights]) => maySubscribe(rights, subject)).map(([name]) => name)).toEqual([
        'key-derivation',
      ]);
    },
  );
});

/** The table of the design, subject by subject: who may publish there. */
test.each<[string, string[]]>([
  [ACCOUNT, ['enrollment', 'verification']],
  [RECORD, ['enrollment']],
  ['ledger.acme._nobody', ['verification']],
  ['ledger.acme._nobody.4x', ['verification']],
  ['ledger.acme._tenant', ['set-up']],
  ['ledger.acme', []],
  [`${ACCOUNT}.x`, []],
  ['$KV.directory.abc', ['enrollment']],
  ['countersign.internal.keys.match', ['verification']],
  ['countersign.internal.keys.issue', ['verification']],
  ['countersign.internal.keys.redeem', ['verification']],
  ['countersign.internal.keys.provision', ['enrollment']],
  ['countersign.internal.keys.rekey', ['enrollment']],
  ['countersign.internal.keys.import', ['enrollment']],
  ['countersign.internal.keys.attest', ['enrollment']],
  ['countersign.internal.keys.sheet', ['enrollment']],
  ['countersign.internal.keys.sign', ['audit']],
  ['countersign.internal.keys.check', ['audit']],
  ['countersign.internal.alarm', ['audit']],
  ['$JS.API.STREAM.MSG.GET.ledger', ['enrollment', 'verification', 'audit', 'set-up']],
  ['$JS.API.DIRECT.GET.KV_directory.$KV.directory.abc', []],
  ['$JS.API.STREAM.INFO.ledger', ['enrollment', 'verification', 'audit', 'operator of the platform', 'set-up']],
  ['$JS.API.STREAM.LIST', []],
  ['$SRV.PING', ['operator of the platform']],
  ['_R_.abc', ['enrollment', 'key-derivation', 'verification', 'audit', 'delivery']],
  ['_INBOX_verification.1', ['key-derivation', 'delivery']],
  ['_INBOX_delivery.1', ['verification']],
  ['countersign.internal.deliver', ['verification']],
  ['countersign.internal.delivered', ['delivery']],
  ['countersign.internal.delivery.taken', ['delivery']],
  ['countersign.delivery.acme.web', ['delivery']],
  ['countersign.delivery.web', []],
  ['_INBOX_web.1', []],
  ['countersign.v1.acme.web.verify', []],
  ['countersign.v1.web.verify', ['verifier']],
  ['countersign.v1.web.device.revoke', ['operator']],
  ['countersign.v1.shop.verify', []],
  ['countersign.v1.web.pair.share.r1', ['enroller', 'operator', 'gateway']],
  ['countersign.v1.web.pair.share', []],
  ['countersign.v1.web.no.such.verb', []],
])('%s is published by %j', (subject, names) => {
  expect(everybody.filter(([, rights]) => mayPublish(rights, subject)).map(([name]) => name)).toEqual(names);
});

describe('key-derivation', () => {
  test('publishes to inboxes only', () => {
    const { publish } = serviceRights('key-derivation');
    expect(publish).toEqual(['_INBOX_enrollment.>', '_INBOX_verification.>', '_R_.>']);
  });
});

describe.each(ROLES)('a caller that is %s', (role) => {
  const rights = callerRights(WEB, role);

  test('publishes its own verbs under its own name, and nothing else', () => {
    const replicas = ['pair.share', 'pair.confirm']; // of these, any replica's
    expect(rights.publish).toEqual(
      verbsOf(role).map((verb) => `countersign.v1.web.${verb}${replicas.includes(verb) ? '.*' : ''}`),
    );
    for (const subject of rights.publish) expect(subject).not.toMatch(/>|\*./);
  });

  test('hears its inbox only, and a courier its codes', () => {
    expect(rights.subscribe).toEqual(['_INBOX_web.>', ...(role === 'courier' ? ['countersign.delivery.web'] : [])]);
  });
});
