import { describe, expect, test } from '@jest/globals';
import { DEFAULT_POLICY, type ChallengeRejection, type DeviceId, type Policy } from '@countersign/contracts';
import { MINUTE, NOW, PHONE, SECOND, account, phone, standing, stored, profilesOf } from '../test/accounts.js';
import {
  challengeCancelled,
  challengeIssued,
  challengeReported,
  challengeSending,
  erased,
  illegality,
  judgeChallenge,
  moved,
  type AccountEvent,
  type Bound,
  type ChallengeAttempt,
  type NewChallenge,
  type Redeemed,
  type Standing,
} from './index.js';

const ID = 'challenge0000000';
const LIFE = 5 * MINUTE;
const RECEIPT = 'r'.repeat(43);
const RIGHT: Redeemed = { kind: 'match', receipt: RECEIPT };
const WRONG: Redeemed = { kind: 'none' };
const promised = (rest: Partial<NewChallenge> = {}): NewChallenge => ({
  ...{ id: ID, nonce: 'n'.repeat(22), form: { kind: 'digits', length: 6 }, to: 'caller' },
  ...rest,
});
const by = 'shop';
const empty = standing(account([phone()]));
/** Appended; and an auditor who folds it again finds it legal. */
function after(at: Standing, event: AccountEvent): Standing {
  const rules = [{ version: 0, policy: DEFAULT_POLICY }];
  const judged = { profiles: profilesOf(at.state), rules };
  expect(illegality(at, { ...stored(event), after: at.sequence, nonce: 'n' }, judged)).toBeUndefined();
  return standing(stored(event).state, at.sequence + 1);
}
const issued = (rest: Partial<NewChallenge> = {}, at = empty, policy = DEFAULT_POLICY): Standing =>
  after(at, challengeIssued(at, promised(rest), { by, at: NOW, policy }));
const asks = (rest: Partial<ChallengeAttempt> = {}): ChallengeAttempt => ({
  ...{ verb: 'challenge.verify', by, challenge: ID },
  ...rest,
});

interface Told {
  verdict: object;
  event?: AccountEvent;
  next: Standing;
}
/** As verification does: asks the key service where judgeChallenge says so, and appends. */
function told(at: Standing, attempt: ChallengeAttempt, said: Redeemed, now = NOW, policy = DEFAULT_POLICY): Told {
  const rules = { version: 0, policy };
  const first = judgeChallenge(at, attempt, profilesOf(at.state), now, undefined, rules);
  const decision = first.kind === 'ask' ? judgeChallenge(at, attempt, profilesOf(at.state), now, said, rules) : first;
  if (decision.kind === 'answer') return { verdict: decision.verdict, next: at };
  if (decision.kind !== 'append') throw new Error(decision.kind);
  const { event } = decision;
  return { verdict: decision.answer(at.sequence + 1), event, next: after(at, event) };
}

describe('a challenge', () => {
  test('is accepted once; then it is not open', () => {
    const { verdict, event, next } = told(issued(), asks(), RIGHT);
    expect(verdict).toEqual({ verdict: 'accepted', sequence: 9, at: NOW });
    expect(event).toMatchObject({ type: 'challenge_accepted', challenge: ID, receipt: RECEIPT, by });
    const again = told(next, asks(), RIGHT);
    expect(again.verdict).toMatchObject({ verdict: 'rejected', reason: 'wrong_code', triesLeft: 0, attemptsLeft: 4 });
    expect(again.event).toMatchObject({ type: 'challenge_rejected', reason: 'not_open' });
  });

  test('bears three wrong codes, and no right one after them; each costs an attempt of the account', () => {
    let at = issued();
    for (const triesLeft of [2, 1, 0]) {
      const { verdict, next } = told(at, asks(), WRONG);
      expect(verdict).toMatchObject({ reason: 'wrong_code', triesLeft, attemptsLeft: triesLeft + 2 });
      at = next;
    }
    expect(told(at, asks(), RIGHT).event).toMatchObject({ reason: 'not_open' });
  });

  test('beside many others buys no guesses: the budget closes over all of them, whatever was accepted', () => {
    let at = empty;
    const ids = Array.from({ length: 8 }, (_, index) => `challenge000000${index}`);
    for (const id of ids) at = issued({ id }, at);
    for (let wrong = 1; wrong <= 4; wrong += 1) at = told(at, asks({ challenge: ids[wrong]! }), WRONG).next;
    const accepted = told(at, asks({ challenge: ids[0]!, origin: 'home' }), RIGHT);
    expect(accepted.next.state).toMatchObject({ unknown: { wrong: 4 } });
    expect(accepted.next.state).not.toHaveProperty('origins');
    at = told(accepted.next, asks({ challenge: ids[6]! }), WRONG).next;
    const locked = told(at, asks({ challenge: ids[7]! }), RIGHT);
    expect(locked.verdict).toMatchObject({ reason: 'locked', attemptsLeft: 0, retryAfterMs: 30 * SECOND });
    expect(locked.next.state.challenges).toHaveLength(7);
  });

  test('pays from the budget of the origin that it comes from', () => {
    const at = issued({}, standing(account([phone()], { origins: [{ origin: 'home', at: NOW }] })));
    expect(told(at, asks({ origin: 'home' }), WRONG).next.state).toMatchObject({ known: { wrong: 1 } });
    expect(told(at, asks({ origin: 'away' }), WRONG).next.state).toMatchObject({ unknown: { wrong: 1 } });
  });

  test('is asked about at the key service always: whether there is one takes no time to say', () => {
    const asked = (attempt: ChallengeAttempt, at = issued()) => judgeChallenge(at, attempt, new Map(), NOW).kind;
    const others = [asks({ challenge: 'elsewhere0000000' }), asks({ by: 'foe' }), asks({ broken: 'network' })];
    expect([asks(), ...others].map((each) => asked(each))).toEqual(['ask', 'ask', 'ask', 'ask']);
  });

  const cases: [ChallengeRejection | 'accepted', string, Bound, Partial<ChallengeAttempt>, number][] = [
    ['accepted', 'at the last millisecond', {}, {}, NOW + LIFE - 1],
    ['expired', 'when its time is over', {}, {}, NOW + LIFE],
    ['early', 'a millisecond before its time', { from: NOW + MINUTE }, {}, NOW + MINUTE - 1],
    ['accepted', 'when its time begins', { from: NOW + MINUTE }, {}, NOW + MINUTE],
    ['caller', 'by a caller that the issuer did not name', {}, { by: 'foe' }, NOW],
    ['accepted', 'by one that it named', {}, { by: 'till' }, NOW],
    ['accepted', 'with its device', { device: PHONE }, { device: PHONE }, NOW],
    ['device', 'with a device that is not there any more', { device: 'gone00000000' as DeviceId }, {}, NOW],
    ['not_open', 'under another id', {}, { challenge: 'elsewhere0000000' }, NOW],
    ...(['purpose', 'transaction', 'device', 'network', 'place'] as const).map(
      (broken): [ChallengeRejection, string, Bound, Partial<ChallengeAttempt>, number] => [
        ...([broken, `with a wrong ${broken}`, {}, { broken }, NOW] as const),
      ],
    ),
  ];
  test.each(cases)('%s %s; the right code changes nothing', (reason, _when, bound, attempt, now) => {
    const at = issued({ bound, verifiers: ['till'] });
    const { verdict, event, next } = told(at, asks(attempt), RIGHT, now);
    if (reason === 'accepted') return expect(verdict).toMatchObject({ verdict: 'accepted' });
    expect(event).toMatchObject({ type: 'challenge_rejected', challenge: attempt.challenge ?? ID, reason });
    const isMine = !['caller', 'not_open', 'expired'].includes(reason);
    expect(verdict).toEqual({
      ...{ verdict: 'rejected', reason: 'wrong_code', attemptsLeft: 4, triesLeft: isMine ? 2 : 0 },
      ...{ sequence: at.sequence + 1, at: now },
    });
    expect(next.state).toMatchObject({ unknown: { wrong: 1 } });
    const telling: Policy = { ...DEFAULT_POLICY, challengeReasons: 'tell' };
    const why = reason === 'caller' ? 'not_open' : reason;
    expect(told(at, asks(attempt), RIGHT, now, telling).verdict).toMatchObject({ reason: 'wrong_code', why });
  });

  test('of another caller is as if it were not there, and keeps its tries', () => {
    const at = issued();
    const foreign = told(at, asks({ by: 'foe' }), RIGHT);
    const missing = told(at, asks({ by: 'foe', challenge: 'elsewhere0000000' }), RIGHT);
    expect(foreign.verdict).toEqual(missing.verdict);
    expect(foreign.next.state.challenges).toEqual(at.state.challenges);
    for (const change of [
      challengeCancelled,
      (...of: [Standing, string, { by: string; at: number }]) => challengeSending(of[0], of[1], 'mail', of[2]),
    ])
      for (const [id, caller] of [
        [ID, 'foe'],
        ['elsewhere0000000', by],
      ] as const)
        expect(() => change(at, id, { by: caller, at: NOW })).toThrow('no such challenge is open to this caller');
  });

  test('dies with its device, whatever happens first', () => {
    const at = issued({ bound: { device: PHONE } });
    const revoked = after(at, moved(at, 'revoked', PHONE, { by: 'ops', at: NOW })!);
    expect(told(revoked, asks({ device: PHONE }), RIGHT).event).toMatchObject({ reason: 'device' });
  });

  test('waits for its device while that is disabled', () => {
    const at = issued({ bound: { device: PHONE } });
    const disabled = after(at, moved(at, 'disabled', PHONE, { by: 'ops', at: NOW })!);
    expect(told(disabled, asks({ device: PHONE }), RIGHT).event).toMatchObject({ reason: 'device' });
    const enabled = after(disabled, moved(disabled, 'enabled', PHONE, { by: 'ops', at: NOW })!);
    expect(told(enabled, asks({ device: PHONE }), RIGHT).event).toMatchObject({ type: 'challenge_accepted' });
  });

  test('is nothing to a frozen account, nor after it was cancelled, nor when the account is erased', () => {
    const frozen = standing({ ...issued().state, frozen: true });
    expect(told(frozen, asks(), RIGHT).verdict).toMatchObject({ reason: 'frozen' });
    const cancelled = after(issued(), challengeCancelled(issued(), ID, { by, at: NOW }));
    expect(told(cancelled, asks(), RIGHT).event).toMatchObject({ reason: 'not_open' });
    const gone = after(issued(), erased(issued(), { by: 'ops', at: NOW })!);
    expect(gone.state).not.toHaveProperty('challenges');
    expect(() => challengeIssued(gone, promised(), { by, at: NOW })).toThrow('no such account');
  });

  test('answers the same request again for a minute: both verdicts, and writes nothing', () => {
    const mine = asks({ request: 'q' });
    const yes = told(issued(), mine, RIGHT);
    expect(told(yes.next, mine, RIGHT, NOW + 59_999)).toMatchObject({
      verdict: { ...yes.verdict, repeated: true },
      next: yes.next,
    });
    expect(told(yes.next, mine, RIGHT, NOW + MINUTE).verdict).toMatchObject({ verdict: 'rejected' });
    const no = told(issued(), { ...mine, broken: 'place' }, RIGHT);
    const telling = { ...DEFAULT_POLICY, challengeReasons: 'tell' } as const;
    const again = told(no.next, mine, RIGHT, NOW + 1, telling);
    expect(again).toMatchObject({ verdict: { ...no.verdict, repeated: true, why: 'place' }, next: no.next });
  });
});

describe('issuing', () => {
  test('has room for eight, or as many as the policy says; those that ended make room', () => {
    const one = { ...DEFAULT_POLICY, challengesOpen: 1 };
    expect(() => issued({}, issued({}, empty, one), one)).toThrow(expect.objectContaining({ code: 'LIMIT' }));
    const old = standing({ ...issued().state });
    const later = challengeIssued(old, promised({ id: 'challenge0000001' }), { by, at: NOW + LIFE, policy: one });
    expect(later.state.challenges?.map(({ id }) => id)).toEqual(['challenge0000001']);
  });

  test('ends when it is told to, never later than the policy says, never before it begins', () => {
    const until = (rest: Partial<NewChallenge>) => challengeIssued(empty, promised(rest), { by, at: NOW });
    expect(until({ notAfter: NOW + SECOND })).toMatchObject({ expiresAt: NOW + SECOND });
    expect(until({ notAfter: NOW + 10 * LIFE })).toMatchObject({ expiresAt: NOW + LIFE });
    for (const [notAfter, from] of [
      [NOW, 0],
      [NOW + SECOND, NOW + SECOND],
    ] as const)
      expect(() => until({ notAfter, bound: { from } })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  test('says in its event what it is for and bound to, and neither address, network nor place', () => {
    const bound = { purpose: 'payment', transaction: 't', networks: ['192.0.2.0/24'], cell: 'u4pru' };
    const { state: _state, ...said } = challengeIssued(empty, promised({ bound, to: 'mail' }), { by, at: NOW });
    expect(said).toEqual({
      ...{
        type: 'challenge_issued',
        challenge: ID,
        expiresAt: NOW + LIFE,
        purpose: 'payment',
        to: 'mail',
        at: NOW,
        by,
      },
      bound: ['transaction', 'network', 'place'],
    });
  });

  test('is sent as often as the policy says, the first time counted', () => {
    let at = issued({ to: 'mail' });
    for (const _again of [1, 2]) at = after(at, challengeSending(at, ID, 'mail', { by, at: NOW }));
    expect(() => challengeSending(at, ID, 'mail', { by, at: NOW })).toThrow(expect.objectContaining({ code: 'LIMIT' }));
  });

  test('what became of it is told, though it was used meanwhile; not of an erased account', () => {
    const report = { challenge: ID, channel: 'mail', attempts: 2 } as const;
    const sent = challengeReported(empty, { ...report, state: 'sent' }, { by: 'delivery', at: NOW });
    expect(sent).toMatchObject({ type: 'challenge_sent', challenge: ID, to: 'mail', attempts: 2 });
    const failed = challengeReported(empty, { ...report, state: 'failed', reason: 'refused' }, { by, at: NOW });
    expect(failed).toMatchObject({ type: 'challenge_undelivered', reason: 'refused' });
    const gone = standing(erased(empty, { by, at: NOW })!.state);
    expect(challengeReported(gone, { ...report, state: 'sent' }, { by, at: NOW })).toBeUndefined();
  });
});
