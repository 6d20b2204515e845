import type { DeliveryWish } from '@countersign/contracts';
import type { MailRelay } from '../world/mail-relay.js';
import { issuerOf } from '../world/recipient.js';
import type { World } from '../world/world.js';
import type { Pattern } from './encodings.js';
import { forEach } from './planted.js';

const OF_AN_ACCOUNT = 8; // as many as may be open
const AT_ONCE = 8;
const PATIENCE = { timeoutMs: 30_000 }; // ten thousand on a busy machine
const FORM = { kind: 'letters', length: 10 } as const; // 20^10 codes: none is met by chance

export interface ChallengeCodes {
  /** sent to a person or sealed to a caller, and never typed: nobody but they had them */
  unread: string[];
  /** shown to the platform as well */
  typed: string[];
}

/**
 * So many challenges, half of them sent by mail and half sealed to the caller. A quarter of the codes are typed: right, again,
 * for something else, and where no code belongs.
 */
export async function useChallenges(world: World, relay: MailRelay, count: number): Promise<ChallengeCodes> {
  const app = await world.caller('app');
  const sealed = await issuerOf(world, 'app');
  const codes: ChallengeCodes = { unread: [], typed: [] };

  async function mailed(account: string, index: number) {
    const deliver: DeliveryWish = { channel: 'mail', to: `${account}-${index}@example.org` };
    const issued = await app.issueChallenge({ account, form: FORM, purpose: 'payment', deliver }, PATIENCE);
    return { ...issued, code: await relay.codeFor(deliver.to) };
  }

  async function type(account: string, { challenge, code }: { challenge: string; code: string }): Promise<void> {
    codes.typed.push(code);
    const right = { account, challenge, code, purpose: 'payment', requestId: `typed-${challenge}` };
    await app.verifyChallenge({ ...right, purpose: 'another', requestId: `wrong-${challenge}` }, PATIENCE);
    await app.verifyChallenge({ ...right, code: code.toLowerCase() }, PATIENCE);
    await app.verifyChallenge(right, PATIENCE);
    await app.verifyChallenge({ ...right, requestId: `again-${challenge}` }, PATIENCE);
    await app.verifyChallenge({ ...right, challenge: code, purpose: `${code}!` }).catch(() => undefined);
  }

  const accounts = Array.from({ length: Math.ceil(count / OF_AN_ACCOUNT) }, (_, index) => index);
  await forEach(accounts, AT_ONCE, async () => {
    const { name: account } = await world.account();
    for (let index = 0; index < OF_AN_ACCOUNT; index += 1) {
      const issued =
        index % 2 ? await mailed(account, index) : await sealed({ account, form: FORM, purpose: 'payment' }, PATIENCE);
      if (index >= OF_AN_ACCOUNT - 2) await type(account, issued);
      else codes.unread.push(issued.code);
    }
  });
  return codes;
}

/** As people read it and as they may type it. */
export const letterForms = (code: string): Pattern[] =>
  [code, code.toLowerCase()].map((text) => ({ canary: code, form: 'text', bytes: Buffer.from(text) }));
