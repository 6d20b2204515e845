import type { Chance } from '../chance/chance.js';
import { Actor, type Stage } from './actor.js';
import type { Person } from './people.js';
import { Permits } from './permits.js';
import { taken } from './stories/settle.js';
import { show, verify } from './stories/sign-in.js';
import { makeReady } from './stories/taken-away.js';

const PATIENCE_MS = 90_000; // the key service forgets wrong codes after 60 s
const AGAIN_MS = 500;

/** All is whole again: what is not known yet becomes known, and every account is asked about a right code. */
export async function probeEverybody(stage: Stage, atOnce: number, chance: Chance): Promise<void> {
  const permits = new Permits(atOnce);
  const endMs = performance.now() + PATIENCE_MS;
  const probes = stage.people.everybody().map((person) => {
    const actor = new Actor(stage, chance.apart(`probe ${person.account}`), endMs);
    return permits.with(() => probe(actor, person, endMs));
  });
  await Promise.all(probes);
}

/** Until there is a verdict on the code itself. A revoked device's code is a probe, too: the verdict says so. */
async function probe(actor: Actor, person: Person, endMs: number): Promise<void> {
  const { callers } = actor.stage;
  for (let late = false; !late; await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))) {
    late = performance.now() > endMs;
    const ready = (await makeReady(actor, person)) || person.standing === 'revoked';
    const shown = person.open ?? (ready || late ? show(actor, person) : undefined);
    if (!shown || !(ready || late)) continue;
    const reply = await actor.insist(
      () => callers.same(shown.by, actor.chance),
      person,
      verify(person, shown, 'probe'),
    );
    if (taken(actor, person, [reply])) return;
    if (reply.kind !== 'verdict') continue;
    if (reply.verdict.reason !== 'locked') return;
    await actor.operator(person, 'account.unlock');
  }
}
