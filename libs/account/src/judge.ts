import type { DeviceId, KeyProfile, Policy } from '@countersign/contracts';
import type { Attempt, Candidate, Decision, Profiles, Standing } from './attempt.js';
import { eligible } from './eligible.js';
import type { DeviceMatch } from './event.js';
import { bucketOf, earlierVerdict } from './memory.js';
import {
  accepted,
  acceptedAgain,
  confirmed,
  decidedBeforehand,
  recovered,
  refused,
  rekeyed,
  replayed,
  resynced,
  sheetUsed,
  wrong,
  type Case,
} from './outcome.js';
import type { AccountState, DeviceState } from './state.js';
import { isSpent } from './codes.js';
import { DEFAULT_RULES, type Rules } from './rules.js';
import { driftOf, floorAfter, pairWindow, windowOf } from './window.js';

/**
 * Decides one attempt: the whole policy, pure. Called first without `matches`; where it says `ask`, called again with
 * what the key service matched for exactly those candidates of this same standing, by the same rules. Order matters (I2): a frozen
 * account, a closed budget and an account without an eligible device answer before any code is looked at.
 */
export function judge(
  standing: Standing,
  attempt: Attempt,
  profiles: Profiles,
  now: number,
  matches?: DeviceMatch[],
  rules: Rules = DEFAULT_RULES,
): Decision {
  const { state } = standing;
  const { policy } = rules;
  const that: Case = { standing, attempt, bucket: bucketOf(state, attempt, now, policy), now, rules };
  const earlier = earlierVerdict(state, attempt, now);
  const beforehand = decidedBeforehand(that, earlier);
  if (beforehand !== undefined) return beforehand;

  if (earlier?.device !== undefined && isActive(state, earlier.device))
    return acceptedAgain(that, earlier.device, earlier);

  const asked = eligible(state, attempt, now, policy);
  if (asked.kind === 'fail') return asked;
  if (asked.devices.length === 0) return refused('disabled', that);

  const candidates = asked.devices.map((device) => ({
    device,
    ...(attempt.verb === 'resync'
      ? pairWindow(device, policy)
      : windowOf(
          device,
          profileOf(device, profiles),
          now,
          attempt.verb === 'rekey.confirm' ? noneAhead(policy) : policy,
        )),
  }));
  if (matches === undefined) return { kind: 'ask', candidates };

  const found = find(candidates, matches);
  switch (found.kind) {
    case 'acceptable': {
      const { shown, device } = found;
      const profile = profileOf(device, profiles);
      const drift = driftOf(shown.counter, profile, now, policy);
      return ACCEPTED[attempt.verb](that, shown, matches, { drift, floor: floorAfter(shown.counter, device, profile) });
    }
    case 'replayed':
      return replayed(that, found.shown, matches);
    case 'ahead':
      return wrong(that, found.shown);
    case 'none':
      return wrong(that);
  }
}

const ACCEPTED = {
  verify: accepted,
  'device.confirm': confirmed,
  'rekey.confirm': rekeyed,
  resync: resynced,
  recover: recovered,
  'sheet.verify': sheetUsed,
};

/** What would be remembered of a code ahead would be the present key's. */
const noneAhead = (policy: Policy): Policy => ({ ...policy, autoResync: false });

const isActive = (state: AccountState, id: DeviceId): boolean =>
  state.devices.some((device) => device.id === id && device.status === 'active');

export function profileOf(device: DeviceState, profiles: Profiles): KeyProfile {
  const profile = profiles.get(device.id);
  if (profile === undefined) throw new Error(`no profile for device ${device.id}`);
  return profile;
}

type Finding =
  { kind: 'acceptable' | 'replayed' | 'ahead'; shown: DeviceMatch; device: DeviceState } | { kind: 'none' };

/**
 * What the matches mean. One code may be several counters' by chance: a spent one on any device comes before an acceptable
 * one, so that nothing that was typed is accepted again for another counter, and that before one ahead.
 */
function find(candidates: Candidate[], matches: DeviceMatch[]): Finding {
  const found = candidates.flatMap((candidate) => {
    const shown = matches.find((each) => each.device === candidate.device.id);
    return shown === undefined ? [] : meaningOf(shown, candidate);
  });
  for (const kind of ['replayed', 'acceptable', 'ahead'] as const) {
    const first = found.find((each) => each.kind === kind);
    if (first !== undefined) return first;
  }
  return { kind: 'none' };
}

function meaningOf(shown: DeviceMatch, { device, floor, last, ahead }: Candidate): Finding[] {
  const { counter } = shown;
  const follows = ahead && device.ahead !== undefined && counter === device.ahead + 1;
  if (counter < device.floor || isSpent(device, counter)) return [{ kind: 'replayed', shown, device }];
  if (counter >= floor && (counter <= last || follows)) return [{ kind: 'acceptable', shown, device }];
  return ahead && counter > last ? [{ kind: 'ahead', shown, device }] : [];
}
