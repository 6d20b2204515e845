import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ConfigError, Environment } from '@countersign/runtime';
import { readConfig } from './config.js';

const folder = mkdtempSync(join(tmpdir(), 'delivery-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
file('one', `whsec_${Buffer.alloc(24, 1).toString('base64')}\n`);
const needed = {
  NATS_SERVERS: '127.0.0.1:4222',
  DELIVERY_KEY_FILE: file('key', 'csrec1-private.delivery.x.y\n'),
  DELIVERY_RECENT_FILE: join(folder, 'recent'),
};
const read = (variables: Record<string, string>) => readConfig(new Environment({ ...needed, ...variables }));
const problemsOf = (variables: Record<string, string>): string[] => {
  try {
    read(variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('little is needed: then only couriers get codes', () => {
  const { relay, limits, reachable, tenants } = read({});
  expect([relay, limits]).toEqual([undefined, { perRecipient: 5, perTenant: 1000 }]);
  expect(reachable.may('127.0.0.1')).toBe(false);
  expect(tenants.of('acme')).toEqual({ language: 'en', endpoints: new Map() });
});

test('tenants have a sender, a language and endpoints, whose files lie beside', () => {
  const sms = { url: 'https://sms.acme.example/codes', secretFiles: ['one'], caFile: 'key' };
  const json = { acme: { language: 'de', from: 'Acme <codes@acme.example>', endpoints: { sms } } };
  const { tenants } = read({ DELIVERY_TENANTS_FILE: file('tenants.json', JSON.stringify(json)) });
  const { language, from, endpoints } = tenants.of('acme');
  expect([language, from]).toEqual(['de', { name: 'Acme', address: 'codes@acme.example' }]);
  expect(endpoints.get('sms')?.url.href).toBe('https://sms.acme.example/codes');
  expect(endpoints.get('sms')?.secrets.map((secret) => secret.reveal())).toEqual([Buffer.alloc(24, 1)]);
  expect(JSON.stringify([...endpoints])).not.toContain('AQEB');
});

test('a relay has host, security and login', () => {
  const variables = {
    SMTP_SERVER: 'mail.example.org:587',
    SMTP_USERNAME: 'us',
    SMTP_PASSWORD_FILE: file('p', 'right\n'),
  };
  const { relay } = read(variables);
  expect(relay).toMatchObject({ host: 'mail.example.org', port: 587, security: 'starttls', login: { user: 'us' } });
  expect(relay?.login?.password.reveal().toString()).toBe('right');
});

describe('is refused, by name', () => {
  test.each<[Record<string, string>, RegExp]>([
    [{ SMTP_SERVER: 'mail.example.org' }, /^SMTP_SERVER is .* host:port/],
    [
      { SMTP_SERVER: 'mail.example.org:25', SMTP_SECURITY: 'none' },
      /^SMTP_SECURITY is none; with mail.example.org, which/,
    ],
    [{ SMTP_SERVER: 'mail.example.org:25', SMTP_SECURITY: 'opportunistic' }, /^SMTP_SECURITY .*starttls, tls, none/],
    [{ SMTP_SERVER: 'localhost:25', SMTP_USERNAME: 'us' }, /^SMTP_PASSWORD_FILE is not set/],
    [{ WEBHOOK_NETWORKS: '10.0.0.0' }, /^WEBHOOK_NETWORKS is "10.0.0.0"; it should be networks like/],
    [{ DELIVERIES_PER_RECIPIENT: '0' }, /^DELIVERIES_PER_RECIPIENT .* from 1 to 1000/],
    [{ DELIVERY_TEMPLATES: '/nonexistent' }, /^DELIVERY_TEMPLATES .*ENOENT/],
  ])('%j', (variables, problem) => {
    expect(problemsOf(variables)).toEqual([expect.stringMatching(problem)]);
  });

  test('a relay on this machine may go without TLS', () => {
    for (const host of ['localhost', '127.0.0.1'])
      expect(problemsOf({ SMTP_SERVER: `${host}:25`, SMTP_SECURITY: 'none' })).toEqual([]);
  });

  test('a template, with its file and line', () => {
    mkdirSync(join(folder, 'templates', 'acme'), { recursive: true });
    file('templates/acme/code.en.txt', 'Subject: x\n\n{{kode}}');
    expect(problemsOf({ DELIVERY_TEMPLATES: join(folder, 'templates') })).toEqual([
      expect.stringMatching(/code\.en\.txt:3: there is no \{\{kode\}\}/),
    ]);
  });

  const sms = (change: object): object => ({
    acme: { endpoints: { sms: { url: 'https://sms.example/', secretFiles: ['one'], ...change } } },
  });
  test.each<[object, string]>([
    [[], 'points to a file of another shape'],
    [{ Acme: {} }, 'at Acme what should be'],
    [{ acme: 1 }, 'at acme what should be an object'],
    [{ acme: { form: 'x' } }, 'at acme.form'],
    [{ acme: { from: 'Acme' } }, 'at acme.from'],
    [{ acme: { endpoints: { 'a.b': {} } } }, 'at acme.endpoints.a.b'],
    [sms({ url: 'http://sms.example/' }), 'at acme.endpoints.sms.url'],
    [sms({ url: 'https://us:pw@sms.example/' }), 'at acme.endpoints.sms.url'],
    [sms({ url: 'file:///etc/passwd' }), 'at acme.endpoints.sms.url'],
    [sms({ secretFiles: [] }), 'at acme.endpoints.sms.secretFiles'],
    [sms({ secretFiles: ['key'] }), 'at acme.endpoints.sms.secretFiles'],
    [sms({ secretFiles: ['nonexistent'] }), 'at acme.endpoints.sms.secretFiles'],
    [sms({ caFile: 'nonexistent' }), 'at acme.endpoints.sms.caFile'],
    [sms({ method: 'PUT' }), 'at acme.endpoints.sms.method'],
  ])('%j: %s', (json, problem) => {
    const problems = problemsOf({ DELIVERY_TENANTS_FILE: file('wrong.json', JSON.stringify(json)) });
    expect(problems.join()).toContain(problem);
    expect(problems.join()).toMatch(/^DELIVERY_TENANTS_FILE /);
  });
});
