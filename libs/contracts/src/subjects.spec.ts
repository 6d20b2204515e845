import { describe, expect, test } from '@jest/globals';
import {
  ROLES,
  SERVICES,
  VERBS,
  askerOf,
  callerSubject,
  importedSubject,
  ledgerSubject,
  parseAccountId,
  parseCaller,
  parseDeviceId,
  parseTenant,
  recordSubject,
  servedSubject,
  tenantSubject,
  verbs,
  verbsAnsweredBy,
  verbsOf,
} from './index.js';

const ACME = parseTenant('acme');
const WEB = parseCaller('web');
const malformed = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe('who asks is what the subject says', () => {
  test.each([
    ['countersign.v1.acme.web.verify', 'acme', 'web'],
    ['countersign.v1.acme.web.audit.events', 'acme', 'web'],
    ['countersign.v1.a-1.0.device.import.key', 'a-1', '0'],
    [`countersign.v1.${'a'.repeat(32)}.web.verify`, 'a'.repeat(32), 'web'],
  ])('%s', (subject, tenant, caller) => {
    expect(askerOf(subject)).toEqual({ tenant, caller });
  });

  test.each([
    ...['', 'countersign', 'countersign.v1', 'countersign.v1.acme', 'countersign.v1.acme.web'],
    ...['countersign.v2.acme.web.verify', 'other.v1.acme.web.verify', 'Countersign.v1.acme.web.verify'],
    ...['countersign.v1..web.verify', 'countersign.v1.acme..verify', '.countersign.v1.acme.web.verify'],
    ...['countersign.v1.Acme.web.verify', 'countersign.v1.acme.WEB.verify', 'countersign.v1.-acme.web.verify'],
    ...['countersign.v1.*.web.verify', 'countersign.v1.acme.>.verify', 'countersign.v1._nobody.web.verify'],
    ...[
      `countersign.v1.${'a'.repeat(33)}.web.verify`,
      'countersign.v1.acmé.web.verify',
      'countersign.v1.acme.we b.verify',
    ],
    ...['countersign.v1.acme\n.web.verify', 'ledger.acme.web.verify.x'],
  ])('%j is nobody', (subject) => {
    expect(() => askerOf(subject)).toThrow(malformed);
  });
});

describe('names', () => {
  test.each([
    [
      '20 characters of base32',
      parseAccountId,
      '0123456789abcdefghjk',
      ['', '0123456789abcdefghj', '0123456789abcdefghjkm'],
    ],
    ['12 characters of base32', parseDeviceId, 'mnpqrstvwxyz', ['mnpqrstvwxy', 'mnpqrstvwxyzz', '_npqrstvwxyz']],
  ] as const)('%s', (_rule, parse, good, bad) => {
    expect(parse(good)).toBe(good);
    for (const text of [...bad, good.toUpperCase(), `${good}\n`]) expect(() => parse(text)).toThrow(malformed);
  });

  test.each(['i', 'l', 'o', 'u'])('no id holds %s, which is mistaken for another', (letter) => {
    expect(() => parseDeviceId(letter.repeat(12))).toThrow(malformed);
  });
});

describe('the way of a verb', () => {
  test.each(verbs)('%s: what the caller publishes becomes, by the import, what the service hears', (verb) => {
    const at = ['pair.share', 'pair.confirm'].includes(verb) ? ['.r1', '.*'] : ['', ''];
    const published = callerSubject(WEB, verb, 'r1');
    expect(published).toBe(`countersign.v1.web.${verb}${at[0]}`);
    expect(published).toBe(importedSubject(verb).replace('*', 'web').replace('*', 'r1'));
    const arrived = tenantSubject(ACME, verb).replace('*', 'web').replace('*', 'r1');
    expect(arrived).toBe(`countersign.v1.acme.web.${verb}${at[0]}`);
    expect(servedSubject(verb)).toBe(`countersign.v1.*.*.${verb}${at[1]}`);
    expect(askerOf(arrived)).toEqual({ tenant: 'acme', caller: 'web' });
  });

  test('each verb has one service and at least one role', () => {
    expect(SERVICES.flatMap(verbsAnsweredBy).sort()).toEqual([...verbs].sort());
    for (const verb of verbs) expect(VERBS[verb].roles.length).toBeGreaterThan(0);
    expect(verbsAnsweredBy('key-derivation')).toEqual([]);
  });

  test.each([
    [
      'verifier',
      [
        ...['challenge.cancel', 'challenge.issue', 'challenge.send', 'challenge.verify'],
        ...['recover', 'resync', 'sheet.verify', 'verify'],
      ],
    ],
    ['auditor', ['audit.checkpoint', 'audit.entry', 'audit.events', 'audit.proof', 'audit.receipt']],
    [
      'gateway',
      [
        ...['activation.redeem', 'device.attest', 'device.confirm', 'pair.confirm', 'pair.share'],
        ...['rekey.begin', 'rekey.confirm'],
      ],
    ],
    [
      'enroller',
      [
        ...['account.create', 'account.get', 'account.names', 'activation.issue', 'activation.redeem'],
        ...['device.attest', 'device.confirm', 'device.list', 'device.replace', 'enroll.exchange'],
        ...['pair.confirm', 'pair.open', 'pair.share', 'recovery.issue', 'rekey.begin', 'rekey.confirm'],
        'sheet.issue',
      ],
    ],
  ] as const)('a %s asks %j and nothing else', (role, asks) => {
    expect(verbsOf(role).sort()).toEqual([...asks]);
  });

  test('a gateway relays what a device may say, which an enroller may, too, and opens no account', () => {
    expect(verbsOf('enroller')).toEqual(expect.arrayContaining(verbsOf('gateway')));
    for (const verb of ['verify', 'device.list', 'enroll.exchange']) expect(verbsOf('gateway')).not.toContain(verb);
  });

  test('an operator does what an enroller does, and more, but opens no account', () => {
    expect(verbsOf('operator')).toEqual(expect.arrayContaining(verbsOf('enroller')));
    expect(verbsOf('operator')).not.toContain('verify');
    expect(ROLES).toEqual(['verifier', 'enroller', 'operator', 'auditor', 'gateway', 'courier']);
    expect(verbsOf('courier')).toEqual([]);
  });
});

test('an account and its records lie beside each other in the ledger', () => {
  expect(ledgerSubject(ACME, '0123456789abcdefghjk')).toBe('ledger.acme.0123456789abcdefghjk');
  expect(recordSubject(ACME, '0123456789abcdefghjk', 'mnpqrstvwxyz', 2)).toBe(
    'ledger.acme.0123456789abcdefghjk.mnpqrstvwxyz.2',
  );
});
