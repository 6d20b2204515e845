import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hide } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { formatInvitation, parseInvitation } from './invitation.js';

// written by hand: the form is what other apps read
const PAIR =
  'countersign://pair?v=1&tenant=acme&account=0123456789abcdefghjk&session=0123456789abcdef&at=enrollment-1' +
  '&identity=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const ACTIVATE =
  'countersign://activate?v=1&tenant=acme&account=0123456789abcdefghjk&token=oKGio6SlpqeoqaqrrK2urw' +
  '&identity=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const shared = { tenant: 'acme', account: '0123456789abcdefghjk', identity: PAIR.slice(-43) };

test('what a QR code for pairing carries', () => {
  const invitation = { kind: 'pair', ...shared, session: '0123456789abcdef', at: 'enrollment-1' } as const;
  expect(parseInvitation(PAIR)).toEqual(invitation);
  expect(formatInvitation(invitation)).toBe(PAIR);
});

test('what one for activation carries', () => {
  const token = Uint8Array.from({ length: 16 }, (_, at) => 0xa0 + at);
  const { token: read, ...rest } = parseInvitation(ACTIVATE) as { token: { reveal(): Uint8Array } };
  expect({ ...rest, token: read.reveal() }).toEqual({ kind: 'activate', ...shared, token });
  expect(formatInvitation({ kind: 'activate', ...shared, token: hide<Uint8Array>(token) })).toBe(ACTIVATE);
});

test('fields may come in any order', () => {
  const [head, query] = PAIR.split('?') as [string, string];
  expect(parseInvitation(`${head}?${query.split('&').reverse().join('&')}`)).toEqual(parseInvitation(PAIR));
});

const refusals: [string, string, string][] = [
  ['another scheme', PAIR.replace('countersign:', 'otpauth:'), 'was expected'],
  ['an upper-case scheme', PAIR.replace('countersign:', 'COUNTERSIGN:'), 'was expected'],
  ['another kind', PAIR.replace('//pair', '//toString'), 'was expected'],
  ['a kind that objects have', PAIR.replace('//pair', '//constructor'), 'knows no other'],
  ['a later version', PAIR.replace('v=1', 'v=2'), 'version 1'],
  ['no version', PAIR.replace('v=1&', ''), 'version 1'],
  ['a field twice', `${PAIR}&tenant=beta`, 'twice'],
  ['a field of the other kind', `${PAIR}&token=oKGio6SlpqeoqaqrrK2urw`, 'does not know'],
  ['an empty field', `${PAIR}&`, 'does not know'],
  ['no session', PAIR.replace('session', 'sessiom'), 'session is missing'],
  ['a tenant with a dot', PAIR.replace('acme', 'ac.me'), 'tenant is malformed'],
  ['an escape', PAIR.replace('acme', 'acm%65'), 'tenant is malformed'],
  ['an account that is too short', PAIR.replace('fghjk&', 'fghj&'), 'account is malformed'],
  ['a replica with a wildcard', PAIR.replace('enrollment-1', '*'), 'at is malformed'],
  ['a key that is too short', PAIR.slice(0, -1), 'identity is not 32 bytes'],
  ['a key in a second spelling', `${PAIR.slice(0, -1)}9`, 'identity is not 32 bytes'],
  ['a token that is too short', ACTIVATE.replace('K2urw', 'K2ur'), 'token is not 16 bytes'],
  ['a fragment', `${PAIR}#x`, 'was expected'],
  ['a text that is too long', `${PAIR}${'x'.repeat(300)}`, 'was expected'],
];

describe('refused', () => {
  test.each(refusals)('%s', (_name, text, said) => {
    expect(() => parseInvitation(text)).toThrow(expect.objectContaining({ problem: 'invitation' }));
    expect(() => parseInvitation(text)).toThrow(said);
  });

  test('a value that nobody could read is not written', () => {
    const odd = { kind: 'pair', ...shared, session: '0123456789abcdef', at: 'a&identity=x' } as const;
    expect(() => formatInvitation(odd)).toThrow('twice');
  });

  test('any character changed is refused, or another invitation', () => {
    fc.assert(
      fc.property(fc.constantFrom(PAIR, ACTIVATE), fc.nat(), fc.string({ maxLength: 2 }), (text, at, put) => {
        const start = at % text.length;
        const changed = text.slice(0, start) + put + text.slice(start + 1);
        fc.pre(changed !== text);
        try {
          expect(formatInvitation(parseInvitation(changed))).toBe(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(PairingError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a token does not show: not in what is logged, not in an error', () => {
  expect(inspect(parseInvitation(ACTIVATE), { depth: 9 })).not.toMatch(/a0|160|oKGi/);
  expect(JSON.stringify(parseInvitation(ACTIVATE))).not.toMatch(/160|oKGi/);
  const changed = ACTIVATE.replace('K2urw', 'K2urw*');
  expect(() => parseInvitation(changed)).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('oKGi') }),
  );
});
