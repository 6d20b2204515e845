import { describe, expect, test } from '@jest/globals';
import { natsAccounts, parseCaller, parseTenant, verbs, type Identities } from './index.js';

const key = (letter: string): string => `U${letter.repeat(55)}`;
const identities: Identities = {
  services: {
    enrollment: key('A'),
    'key-derivation': key('B'),
    verification: key('C'),
    audit: key('D'),
    delivery: key('J'),
  },
  operator: key('E'),
  setup: key('F'),
  tenants: [
    {
      name: parseTenant('acme'),
      callers: [
        { name: parseCaller('web'), role: 'verifier', nkey: key('G') },
        { name: parseCaller('desk'), role: 'operator', nkey: key('H') },
        { name: parseCaller('post'), role: 'courier', nkey: key('K') },
      ],
    },
    { name: parseTenant('beta'), callers: [{ name: parseCaller('web'), role: 'verifier', nkey: key('I') }] },
  ],
};
const text = natsAccounts(identities);
const lines = text.split('\n');
const section = (account: string): string => {
  const start = lines.findIndex((line) => line.trim().replaceAll('"', '') === `${account} {`);
  const end = lines.findIndex((line, n) => n > start && line === '  }');
  return lines.slice(start, end + 1).join('\n');
};

describe('the accounts of a nats-server', () => {
  test('everybody has one account, by public key', () => {
    const where = (nkey: string) =>
      ['PLATFORM', 'WATCH', 'TENANT_acme', 'TENANT_beta'].filter((each) => section(each).includes(nkey));
    for (const letter of 'DE') expect(where(key(letter))).toEqual(['WATCH']);
    for (const letter of 'ABCFJ') expect(where(key(letter))).toEqual(['PLATFORM']);
    for (const letter of 'GHK') expect(where(key(letter))).toEqual(['TENANT_acme']);
    expect(where(key('I'))).toEqual(['TENANT_beta']);
    expect(text.match(/nkey: U/g)).toHaveLength(11);
  });

  test('no tenant can fill the server with connections or subscriptions', () => {
    for (const tenant of ['acme', 'beta'])
      expect(section(`TENANT_${tenant}`)).toContain('limits { max_connections: 1000, max_subscriptions: 256 }');
  });

  test('every user has permissions of its own', () => {
    for (const line of lines.filter((each) => each.includes('nkey:') && !each.includes('# post')))
      expect(line).toMatch(/permissions: \{ publish: \{ allow: \["[^\]]+\].*subscribe: \{ allow: \["[^\]]+\] \} \}/);
  });

  test('a courier publishes nothing, and not everything, as an empty list would mean', () => {
    expect(lines.find((each) => each.includes('# post'))?.trim()).toBe(
      `{ nkey: ${key('K')}, permissions: { publish: { deny: [">"] }, subscribe: { allow: ["_INBOX_post.>", "countersign.delivery.post"] } } } # post`,
    );
  });

  test('a tenant hears what is delivered for it and for nobody else, and exports nothing', () => {
    for (const tenant of ['acme', 'beta']) {
      const imported = section(`TENANT_${tenant}`).match(/\{ stream: .*/g);
      expect(imported).toEqual([
        `{ stream: { account: PLATFORM, subject: "countersign.delivery.${tenant}.*" }, to: "countersign.delivery.*" }`,
      ]);
    }
    expect(section('PLATFORM').match(/\{ stream: .*/g)).toEqual([
      '{ stream: "countersign.delivery.acme.*", accounts: ["TENANT_acme"] }',
      '{ stream: "countersign.delivery.beta.*", accounts: ["TENANT_beta"] }',
    ]);
  });

  test('a tenant imports each public verb under its own name and nothing else', () => {
    for (const [tenant, other] of [
      ['acme', 'beta'],
      ['beta', 'acme'],
    ] as const) {
      const imports = section(`TENANT_${tenant}`)
        .split('\n')
        .filter((line) => line.includes('service:'));
      expect(imports.map((line) => line.trim())).toEqual(
        verbs.map((verb) => {
          const account = verb.startsWith('audit.') ? 'WATCH' : 'PLATFORM';
          const ending = ['pair.share', 'pair.confirm'].includes(verb) ? `${verb}.*` : verb;
          return `{ service: { account: ${account}, subject: "countersign.v1.${tenant}.*.${ending}" }, to: "countersign.v1.*.${ending}" }`;
        }),
      );
      expect(section(`TENANT_${tenant}`)).not.toContain(other);
    }
  });

  test.each(['PLATFORM', 'WATCH'])('%s exports each tenant its own subjects, to it alone', (account) => {
    const exported = section(account)
      .split('\n')
      .filter((line) => line.includes('service:') && line.includes('TENANT_'))
      .map((line) => line.trim());
    expect(exported).toEqual([
      '{ service: "countersign.v1.acme.>", accounts: ["TENANT_acme"] }',
      '{ service: "countersign.v1.beta.>", accounts: ["TENANT_beta"] }',
    ]);
  });

  test('the platform imports nothing, so that no reply from elsewhere ends in it', () => {
    expect(section('PLATFORM')).not.toMatch(/imports|mappings/);
    const exports = section('PLATFORM').match(/\{ service: .*/g) ?? [];
    for (const each of exports) expect(each).toMatch(/accounts: \[("TENANT_(acme|beta)"|WATCH)\]/);
  });

  test('those who watch may look at streams, and nothing that changes one is exported to them', () => {
    const exported = [...section('PLATFORM').matchAll(/service: "(\$JS[^"]*)"/g)].map(([, subject]) => subject);
    expect(exported.sort()).toEqual([
      '$JS.API.STREAM.INFO.KV_directory',
      '$JS.API.STREAM.INFO.ledger',
      '$JS.API.STREAM.MSG.GET.KV_directory',
      '$JS.API.STREAM.MSG.GET.checkpoints',
      '$JS.API.STREAM.MSG.GET.ledger',
      '$JS.API.STREAM.MSG.GET.tiles',
    ]);
    expect(section('WATCH')).not.toContain('jetstream');
  });

  test('no tenant has JetStream, an export, discovery, the ledger or an internal subject', () => {
    for (const tenant of ['TENANT_acme', 'TENANT_beta'])
      expect(section(tenant)).not.toMatch(/jetstream|exports|\$JS|\$SRV|\$KV|ledger|internal/);
  });

  test('the system account has no users', () => {
    expect(text).toContain('  SYS {}\n');
    expect(text).toContain('system_account: SYS');
  });
});
