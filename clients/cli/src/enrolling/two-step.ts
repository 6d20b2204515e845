import type { Countersign } from '@countersign/caller';
import { publicKeys } from '@countersign/local';
import {
  MADE_KEY_BYTES,
  addTwoStep,
  readPhonePart,
  twoStepSeed,
  type Hidden,
  type TwoStepTerms,
} from '@countersign/pairing';
import { Secret, SystemRandom } from '@countersign/runtime';
import { Person } from '../ask-person.js';
import { qrLines } from '../screen/qr.js';
import type { Screen } from '../screen/screen.js';
import type { EnrolParts } from './enrol-parts.js';
import { firstCode } from './first-code.js';
import { importSeedOf } from './import-seed.js';
import { otpauthUri } from './otpauth-uri.js';

/** What privacyIDEA asks its apps for. */
const PHONE_PART_BYTES = 8;
const ROUNDS = 10_000;

/**
 * In two steps: shows one half of the seed, reads the other, and imports what they make, wrapped to the HSM. A typing
 * error is found by its checksum and costs nothing.
 */
export async function inTwoSteps(screen: Screen, countersign: Countersign, parts: EnrolParts): Promise<number> {
  const { account, tenant, folder, profile, options } = parts;
  const seedBytes = MADE_KEY_BYTES[profile.algorithm] as TwoStepTerms['seedBytes'];
  const terms = { phonePartBytes: PHONE_PART_BYTES, seedBytes, rounds: ROUNDS };
  using secret = new Secret(new SystemRandom().bytes(seedBytes));
  const plain = otpauthUri(screen, { issuer: options.issuer ?? tenant, account, profile, secret });
  const uri = addTwoStep(plain, terms);
  screen.result({ uri }, [...qrLines(uri), '', uri]);
  using person = new Person();
  const part = await typedPart(screen, person);
  using seed = new Secret((await twoStepSeed(secret, part, terms)).reveal());
  const { identity } = publicKeys(folder);
  const wish = { ...parts.wish, activate: false };
  const { device, status, expiresAt, sequence } = await importSeedOf(countersign, {
    ...{ account, tenant, seed, profile, identity, wish },
  });
  screen.result({ device, status, expiresAt, sequence }, `device ${device} of ${account} is ${status}`);
  const confirm = (code: string) => countersign.confirm({ account, device, code });
  return await firstCode(screen, person, { account, device, confirm });
}

async function typedPart(screen: Screen, person: Person): Promise<Hidden> {
  for (;;) {
    const typed = readPhonePart(await person.ask('What the phone shows: '), PHONE_PART_BYTES);
    if (typed.kind === 'part') return typed.part;
    screen.note(`that is mistyped (${typed.because}); nothing was asked of the platform: type it again`);
  }
}
