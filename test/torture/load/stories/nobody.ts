import type { Actor } from '../actor.js';

const NAMES = 300; // few enough that some are asked about again, at one time, and until they are locked
const AT_ONCE = 4;
const WRONG_CODES = 1_000_000;

/** Codes for a name that nobody has: answered as wrong ones of an account are. */
export async function askAboutNobody(actor: Actor): Promise<void> {
  const { chance, stage, requestId } = actor;
  const tenant = chance.among(stage.callers.tenants);
  const named = { tenant, name: `nobody-${chance.whole(NAMES)}`, account: '' };
  const asked = Array.from({ length: 1 + chance.whole(AT_ONCE) }, async () => {
    const code = String(chance.whole(WRONG_CODES)).padStart(6, '0');
    const question = { verb: 'verify', name: named.name, code, requestId: requestId(), intent: 'guess' } as const;
    const reply = await actor.ask(stage.callers.verifier(tenant, chance), named, question);
    if (reply.kind === 'verdict' && !['wrong_code', 'locked'].includes(reply.verdict.reason ?? ''))
      stage.suspect(`${named.name}, which nobody has: ${reply.verdict.reason ?? reply.verdict.verdict}`);
  });
  await Promise.all(asked);
}
