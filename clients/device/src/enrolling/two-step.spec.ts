import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { WebRandom } from '@countersign/runtime/portable';
import { fromOtpauth } from './two-step.js';

interface Vector {
  otpauth_secret_base32_of_server_component: string;
  client_component_hex: string;
  display_groups_of_4: string;
  final_seed_hex: string;
  '2step_salt': number;
  '2step_output': number;
  '2step_difficulty': number;
  hotp_algorithm: string;
}
const file = new URL('../../../../test/vectors/privacyidea-two-step.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('an otpauth URI', () => {
  test.each(vectors)('in two steps: $client_component_hex gives $final_seed_hex', async (vector) => {
    const part = Buffer.from(vector.client_component_hex, 'hex');
    const drawing = { bytes: (length: number) => (length === part.length ? part : Buffer.alloc(length)) };
    const terms = (['2step_salt', '2step_output', '2step_difficulty'] as const).map(
      (name) => `${name}=${vector[name]}`,
    );
    const secret = vector.otpauth_secret_base32_of_server_component;
    const plain = `otpauth://hotp/ada?secret=${secret}&algorithm=${vector.hotp_algorithm}&counter=7`;
    const made = await fromOtpauth([plain, ...terms].join('&'), drawing);
    expect(made.phonePart).toBe(vector.display_groups_of_4);
    expect(hex(made.key.reveal())).toBe(vector.final_seed_hex);
    expect(made.description).toMatchObject({ account: 'ada', profile: { type: 'hotp', counter: 7 } });
  });

  test('in one step the secret is the seed, and nothing has to be typed', async () => {
    const uri = 'otpauth://totp/acme:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=acme&digits=8&period=60';
    const { key, phonePart, description } = await fromOtpauth(uri, new WebRandom());
    expect(Buffer.from(key.reveal()).toString()).toBe('12345678901234567890');
    expect(phonePart).toBeUndefined();
    expect(description).toMatchObject({ tenant: 'acme', account: 'ada', profile: { digits: 8, stepSeconds: 60 } });
  });

  test.each(['otpauth://totp/ada?secret=GEZDGNBV&2step_salt=8', 'https://acme.example'])('%s is refused', (uri) =>
    expect(fromOtpauth(uri, new WebRandom())).rejects.toThrow(),
  );
});
