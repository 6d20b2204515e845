import type { Countersign } from '@countersign/caller';
import type { EventView, PublicKeys, Tenant } from '@countersign/contracts';
import type { CallerCredentials } from '@countersign/local';
import { SystemClock, SystemRandom, randomId } from '@countersign/runtime';
import { connected } from '../as-caller.js';
import { eventLines } from '../screen/event-lines.js';
import type { Screen } from '../screen/screen.js';
import { expectVerdict, seenAs } from './expect-verdict.js';
import { HandDevice } from './hand-device.js';
import { attempts, publishRefused, rawConnection, subscribeRefused } from './refusals.js';
import { Steps, Unexpected } from './step.js';

const TENANT = 'acme' as Tenant;
const OTHER = 'beta' as Tenant;
const SUFFIX_LENGTH = 5; // each tour has an account of its own

/** What of a platform the tour needs to know. */
export interface Toured {
  callerCredentials(tenant: string, caller: string): CallerCredentials;
  readonly publicKeys: PublicKeys;
}

/** The callers that the tour asks as. */
interface Cast {
  app: Countersign;
  desk: Countersign;
  audit: Countersign;
  stranger: Countersign;
}

/**
 * Shows on a running platform what it is for: a device enrolled, its code accepted, refused the second time, what NATS
 * lets nobody do, and the events of all that. Returns the names of the steps that were not as expected.
 */
export async function tour(platform: Toured, screen: Screen): Promise<string[]> {
  const steps = new Steps(screen);
  const as = (tenant: Tenant, caller: string) => connected(platform.callerCredentials(tenant, caller));
  const [app, desk, audit, stranger] = await Promise.all([
    as(TENANT, 'app'),
    as(TENANT, 'desk'),
    as(TENANT, 'audit'),
    as(OTHER, 'app'),
  ]);
  const cast: Cast = { app, desk, audit, stranger };
  const account = `ada-${randomId(new SystemRandom(), SUFFIX_LENGTH)}@acme.example`;
  try {
    await codes(steps, platform, cast, account);
    await refusals(steps, platform, cast, account);
    await history(steps, screen, cast, account);
  } catch {
    // shown by the step that failed; what comes after it would mean nothing
  } finally {
    await Promise.all(Object.values(cast).map((each: Countersign) => each.close()));
  }
  if (screen.json) screen.result(steps.summary(), []);
  return steps.wrong;
}

async function codes(steps: Steps, platform: Toured, { app, desk }: Cast, account: string): Promise<void> {
  steps.heading(`A device for ${account}, and its codes`);
  const device = await steps.step('enrol', async () => {
    await desk.createAccount({ names: [account] });
    const identityKey = platform.publicKeys.identity;
    const enrolled = await HandDevice.enrol(desk, { account, tenant: TENANT, identityKey, clock: new SystemClock() });
    const text = `device ${enrolled.id}: its key was made in the HSM and came wrapped for it alone, signed`;
    return { seen: { word: 'enrolled', text }, value: enrolled };
  });
  try {
    const step = device.step();
    await steps.step('confirm', async () => {
      const verdict = await desk.confirm({ account, device: device.id, code: device.codeAt(step) });
      expectVerdict(verdict, 'accepted');
      return {
        seen: seenAs('accepted', 'the first code confirms the device, and is spent', verdict),
        value: undefined,
      };
    });
    // The next step's code is inside the window already, so that nobody has to wait half a minute for it.
    const code = device.codeAt(step + 1);
    await steps.step('verify', async () => {
      const verdict = expectVerdict(await app.verify({ account, code }), 'accepted');
      return { seen: seenAs('accepted', 'the next code signs in', verdict), value: undefined };
    });
    await steps.tryStep('the same code again', async () =>
      seenAs('replayed', 'the same code again', expectVerdict(await app.verify({ account, code }), 'replayed')),
    );
    await steps.tryStep('a wrong code', async () => {
      const verdict = expectVerdict(await app.verify({ account, code: device.wrongCode(step) }), 'wrong_code');
      if (verdict.attemptsLeft === undefined)
        throw new Unexpected('the verdict does not say what is left of the budget');
      const left = `a wrong code; ${verdict.attemptsLeft} more of them before everybody has to wait`;
      return seenAs('rejected', left, verdict);
    });
  } finally {
    device.forget();
  }
}

async function refusals(steps: Steps, platform: Toured, { stranger }: Cast, account: string): Promise<void> {
  steps.heading(`What NATS itself refuses to ${TENANT}'s app`);
  const bus = await rawConnection(platform.callerCredentials(TENANT, 'app'));
  try {
    for (const { by, subject, meaning } of attempts(TENANT, OTHER))
      await steps.tryStep(meaning, () =>
        by === 'publish' ? publishRefused(bus, subject, meaning) : subscribeRefused(bus, subject, meaning),
      );
  } finally {
    await bus.close();
  }
  await steps.tryStep('the other tenant', async () => {
    const verdict = expectVerdict(await stranger.verify({ account, code: '000000' }), 'wrong_code');
    return seenAs('rejected', `${OTHER}'s app asking for ${account}: nobody it knows, and it cannot tell`, verdict);
  });
}

async function history(steps: Steps, screen: Screen, { audit }: Cast, account: string): Promise<void> {
  steps.heading('The same, as the ledger tells it');
  const expected = ['created', 'enrolled', 'confirmed', 'accepted', 'replayed', 'rejected'];
  await steps.tryStep('the events', async () => {
    const { events } = await audit.events({ account });
    for (const line of eventLines(events)) screen.line(`    ${line}`);
    const types: string[] = events.map(({ type }) => type);
    const missing = expected.filter((type) => !types.includes(type));
    if (missing.length > 0) throw new Unexpected(`these events are missing: ${missing.join(', ')}`);
    const follows = (event: EventView): number | undefined => ('after' in event ? event.after : undefined);
    if (events.some((event, index) => follows(event) !== (events[index - 1]?.sequence ?? 0)))
      throw new Unexpected('an event does not name the one before it');
    return { word: 'written', text: `${events.length} events, each naming the one before it` };
  });
  await steps.tryStep('names in events', async () => {
    const { events } = await audit.events({ account });
    if (JSON.stringify(events).includes(account)) throw new Unexpected('an event holds the name of the account');
    return { word: 'nameless', text: `no event says ${account}: only the directory knows, encrypted` };
  });
}
