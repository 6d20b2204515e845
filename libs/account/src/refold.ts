import { Failure, type AccountFact } from '@countersign/contracts';
import { activationIssued, activationPresented } from './activation.js';
import type { Attempt, Profiles, Standing } from './attempt.js';
import {
  challengeCancelled,
  challengeIssued,
  challengeReported,
  challengeSending,
  type NewChallenge,
} from './challenge.js';
import {
  created,
  enrolled,
  frozen,
  imported,
  moved,
  renamed,
  renaming,
  unlocked,
  type Change,
  type NewDevice,
} from './change.js';
import { matchesOf, type AccountEvent, type DeviceMatch, type StoredEvent } from './event.js';
import { judge } from './judge.js';
import { judgeChallenge, type Broken, type ChallengeAttempt, type Redeemed } from './judge-challenge.js';
import { erased, rekeying } from './life.js';
import { pairingConfirmed, pairingOpened, pairingTried } from './pairing.js';
import { recoveryIssued } from './recovery.js';
import { DEFAULT_RULES, type Rules } from './rules.js';
import { sheetIssued } from './sheet.js';
import { minuteOf, newAccount, type Activation, type DeviceState } from './state.js';

/** What judged beside the state. */
export interface Judged {
  /** of the devices that the standing has, and of the key that a re-key names */
  profiles: Profiles;
  /** the tenant's policies that may have been in force, the defaults where there was none */
  rules: readonly Rules[];
}

/** How an event follows from the state before it; what it says of itself is taken as asked for. Throws Failure where it cannot. */
type Makes<Type extends AccountFact['type']> = (
  before: Standing,
  event: Extract<AccountEvent, { type: Type }>,
  change: Change,
  judged: { profiles: Profiles; rules: Rules },
) => AccountEvent | undefined;

function judgedAgain(
  before: Standing,
  event: Extract<AccountEvent, { verb: string }>,
  _change: Change,
  { profiles, rules }: { profiles: Profiles; rules: Rules },
): AccountEvent | undefined {
  const { verb } = event;
  if (verb === 'challenge.verify') return challengeJudgedAgain(before, event, profiles, rules);
  const attempt: Attempt = { ...askedBy(event), verb, ...(event.epoch !== undefined && { epoch: event.epoch }) };
  const decision = judge(before, attempt, profiles, event.at, matchesOf(event), rules);
  return decision.kind === 'append' ? decision.event : undefined;
}

function challengeJudgedAgain(
  before: Standing,
  event: Extract<AccountEvent, { verb: string }>,
  profiles: Profiles,
  rules: Rules,
): AccountEvent | undefined {
  const broken = 'reason' in event ? (event.reason as Broken) : undefined;
  const attempt: ChallengeAttempt = {
    ...askedBy(event),
    verb: 'challenge.verify',
    challenge: 'challenge' in event ? event.challenge : '',
    ...(broken !== undefined && BROKEN.includes(broken) && { broken }),
    ...('signed' in event && event.signed !== undefined && { signed: event.signed }),
  };
  const decision = judgeChallenge(before, attempt, profiles, event.at, redeemedBy(event), rules);
  return decision.kind === 'append' ? decision.event : undefined;
}

function redeemedBy(event: AccountEvent): Redeemed {
  if (event.type !== 'challenge_accepted') return { kind: 'none' };
  const { receipt, counter } = event;
  return { kind: 'match', receipt, ...(counter !== undefined && { counter }) };
}

const BROKEN: readonly Broken[] = ['purpose', 'transaction', 'device', 'network', 'place'];

const askedBy = ({ by, request, origin, named }: Extract<AccountEvent, { verb: string }>) => ({
  by,
  ...(request !== undefined && { request }),
  ...(origin !== undefined && { origin }),
  ...(named !== undefined && { device: named }),
});

/** Every type of event, and the function that makes it. */
const MAKES: { [Type in AccountFact['type']]: Makes<Type> } = {
  created: (_before, _event, change) => created(change),
  enrolled: (before, event, change) => enrolled(before, newDeviceIn(event), change),
  imported: (before, event, change) =>
    imported(before, newDeviceIn(event), event.firstUse ? 'first-use' : event.status, change),
  recovery_issued: (before, event, change) => recoveryIssued(before, deviceIn(event), change),
  sheet_issued: (before, event, change) => sheetIssued(before, deviceIn(event), event, change),
  rekeying: (before, event, change) => rekeying(before, event.device, event, change),
  confirmed: judgedAgain,
  accepted: judgedAgain,
  rekeyed: judgedAgain,
  resynced: judgedAgain,
  recovered: judgedAgain,
  sheet_used: judgedAgain,
  replayed: judgedAgain,
  rejected: judgedAgain,
  refused: judgedAgain,
  repeated: judgedAgain,
  pairing_opened: (before, { session }, change) => pairingOpened(before, session, change),
  pairing_tried: (before, { session }, change) => pairingTried(before, session, change),
  pairing_confirmed: (before, { session }, change) => pairingConfirmed(before, session, change),
  activation_issued: (before, event, change) => {
    const { status: _status, ...promised } = activationIn(event, ({ status }) => status === 'open');
    return activationIssued(before, promised as Parameters<typeof activationIssued>[1], change);
  },
  activation_redeemed: (before, event, change) => {
    const spent = activationIn(event, (each) => each.status === 'used' && each.device === event.device);
    return activationPresented(before, spent.digest, event.device, change);
  },
  activation_reused: (before, event, change) => {
    const again = minuteOf(event.at);
    const used = activationIn(
      event,
      (each) => each.status === 'used' && each.device === event.device && each.again === again,
    );
    return activationPresented(before, used.digest, event.device, change);
  },
  challenge_issued: (before, event, change) => challengeIssued(before, newChallengeIn(event), change),
  challenge_sending: (before, { challenge, to }, change) => challengeSending(before, challenge, to, change),
  challenge_sent: (before, event, change) =>
    challengeReported(before, { ...event, channel: event.to, state: 'sent' }, change),
  challenge_undelivered: (before, event, change) =>
    challengeReported(before, { ...event, channel: event.to, state: 'failed' }, change),
  challenge_accepted: judgedAgain,
  challenge_rejected: judgedAgain,
  challenge_cancelled: (before, { challenge }, change) => challengeCancelled(before, challenge, change),
  unlocked: (before, _event, change) => unlocked(before, change),
  renaming: (before, _event, change) => renaming(before, change),
  renamed: (before, event, change) => renamed(before, event, change),
  disabled: (before, { device }, change) => moved(before, 'disabled', device, change),
  enabled: (before, { device }, change) => moved(before, 'enabled', device, change),
  revoked: (before, { device }, change) => moved(before, 'revoked', device, change),
  erased: (before, _event, change) => erased(before, change),
  frozen: (before, { sequences }, change) => frozen(before, sequences, change),
};

/** An account that is imported with its device has no event before it. */
const BEGINNINGS: readonly string[] = ['created', 'imported'];

/**
 * Why an event is not what the rules make of the state before it (undefined: an account that is not there yet), in words;
 * undefined: it is. This is how an auditor folds history again, with the very functions that made it.
 */
export function illegality(before: Standing | undefined, event: StoredEvent, judged: Judged): string | undefined {
  const { after: _after, nonce: _nonce, ...stored } = event;
  if (before === undefined ? !BEGINNINGS.includes(event.type) : event.type === 'created')
    return 'an account begins with `created` or `imported`, once';
  if (!Object.hasOwn(MAKES, event.type)) return 'no event of a known type';
  const standing = before ?? { state: newAccount(), sequence: 0 };
  const reasons = judged.rules
    .filter(({ version }) => !('verb' in event) || version === (event.policyVersion ?? DEFAULT_RULES.version))
    .map((rules) => differs(standing, stored, { profiles: judged.profiles, rules }));
  if (reasons.length === 0) return 'judged by a policy that was not in force';
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function differs(
  before: Standing,
  event: AccountEvent,
  judged: { profiles: Profiles; rules: Rules },
): string | undefined {
  const makes = MAKES[event.type] as Makes<AccountFact['type']>;
  try {
    const made = makes(before, event, { by: event.by, at: event.at, policy: judged.rules.policy }, judged);
    if (made === undefined) return 'the rules make no event of it';
    return canonical(made) === canonical(event) ? undefined : `the rules make another event of it (${made.type})`;
  } catch (error) {
    if (error instanceof Failure || error instanceof Error) return error.message;
    throw error;
  }
}

/** A match to be proved by its receipt: which key, which counter. */
export interface ProvedMatch extends DeviceMatch {
  epoch: number;
  /** the challenge that an OCRA device answered */
  challenge?: string;
  /** and the transaction: SHA-256, base64url */
  transaction?: string;
}

/** Every match that an event was decided by. A device that the state before does not have has no epoch: 0, which no key has. */
export function provedMatches(before: Standing | undefined, event: StoredEvent): ProvedMatch[] {
  const epochOf = (id: string): number => before?.state.devices.find((device) => device.id === id)?.epoch ?? 0;
  if (event.type === 'challenge_accepted') return answersOf(event, epochOf);
  const named = 'verb' in event && event.verb === 'rekey.confirm' ? event.epoch : undefined;
  return matchesOf(event).map((match) => ({ ...match, epoch: named ?? epochOf(match.device) }));
}

/** The receipt of the challenge whose code an event says was shown; none: it says so of no challenge, or a device answered. */
export function provedChallenges(event: StoredEvent): { challenge: string; receipt: string }[] {
  if (event.type !== 'challenge_accepted') return [];
  const { challenge, receipt, device } = event;
  return device === undefined ? [{ challenge, receipt }] : [];
}

/** A code that the HSM made proves no device. */
function answersOf(
  { device, counter, receipt, challenge, signed }: Extract<AccountEvent, { type: 'challenge_accepted' }>,
  epochOf: (id: string) => number,
): ProvedMatch[] {
  if (device === undefined || counter === undefined) return [];
  const transaction = signed !== undefined && { transaction: signed };
  return [{ device, counter, receipt, epoch: epochOf(device), challenge, ...transaction }];
}

function deviceIn(event: AccountEvent & { device: string }): DeviceState {
  const device = event.state.devices.find(({ id }) => id === event.device);
  if (device === undefined) throw new Error('the state has no such device');
  return device;
}

function newDeviceIn(event: Extract<AccountEvent, { type: 'enrolled' | 'imported' }>): NewDevice {
  const { id, type, epoch, floor, namedOnly = false, paired } = deviceIn(event);
  const replaces = event.replaces ?? event.replaced;
  return {
    id,
    type,
    epoch,
    record: event.record,
    floor,
    namedOnly,
    ...(paired && { paired }),
    ...(replaces && { replaces }),
  };
}

function newChallengeIn({ state, challenge, to }: Extract<AccountEvent, { type: 'challenge_issued' }>): NewChallenge {
  const found = state.challenges?.find(({ id }) => id === challenge);
  if (found === undefined) throw new Error('the state has no such challenge');
  const { by: _by, triesLeft: _tries, sendsLeft: _sends, expiresAt: notAfter, ...promised } = found;
  return { ...promised, notAfter, to };
}

function activationIn({ state }: AccountEvent, is: (each: Activation) => boolean): Activation {
  const found = state.activations?.findLast(is);
  if (found === undefined) throw new Error('the state has no such invitation');
  return found;
}

/** JSON with every object's fields in order: two values are the same fact when it is the same text. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
