import {
  CHALLENGE_NONCE_BYTES,
  Failure,
  SESSION_LENGTH,
  checkCodeForm,
  type Asker,
  type CancelChallengeReply,
  type CancelChallengeRequest,
  type ChallengeItem,
  type ChallengeVerdict,
  type DeliveryWish,
  type DeviceId,
  type IssueChallengeReply,
  type IssueChallengeRequest,
  type SendChallengeReply,
  type SendChallengeRequest,
  type VerifyChallengeRequest,
} from '@countersign/contracts';
import {
  challengeCancelled,
  challengeIssued,
  challengeSending,
  judgeChallenge,
  openTo,
  type ChallengeAttempt,
  type ChallengeCode,
  type ChallengeDecision,
  type DeviceState,
  type NewChallenge,
  type OpenChallenge,
  type Outcome,
  type Profiles,
  type Redeemed,
} from '@countersign/account';
import type { Waiting } from '@countersign/ledger';
import { randomId, type Log, type Random } from '@countersign/runtime';
import canonicalize from 'canonicalize';
import type { Digests } from '../attempts/digests.js';
import type { Road, Standpoint } from '../attempts/road.js';
import { boundOf, contextOf } from '../context/bound-of.js';
import { brokenBy } from '../context/broken-by.js';
import { canonicalTransaction, signedDigest } from '../context/transaction.js';
import type { ChallengeKeys } from '../keys/challenge-keys.js';
import type { Place } from '../places/place.js';
import { counted } from '../verification-metrics.js';
import { answeredTo, isQuestion, ocraDevice, response } from './asked-device.js';
import type { Delivery } from './delivery.js';

const DEFAULT_FORM = { kind: 'digits', length: 6 } as const;
const NO_PROFILES: Profiles = new Map();
const CANCEL: Waiting = { remainingMs: () => 2000 };

/** A challenge in its place: enough to compute its code. */
interface Placed {
  place: Place;
  challenge: OpenChallenge;
  /** the OCRA device that is asked */
  device?: DeviceState | undefined;
  sequence: number;
  repeated?: true;
}

/**
 * Codes for one purpose. A name that nobody has goes the same road to a place of its own: its challenge can be issued,
 * sent nowhere, and never verified.
 */
export class Challenges {
  constructor(
    private readonly road: Road,
    private readonly digests: Digests,
    private readonly keys: ChallengeKeys,
    private readonly delivery: Delivery,
    private readonly random: Random,
    private readonly log: Log,
  ) {}

  /**
   * What is promised is in the ledger before the code is made; one that then cannot be sealed or handed on is cancelled.
   * Throws INVALID_ARGUMENT, LIMIT, FORBIDDEN, BUSY, UNAVAILABLE, OUTCOME_UNKNOWN.
   */
  async issue(asker: Asker, request: IssueChallengeRequest, waiting: Waiting): Promise<IssueChallengeReply> {
    const { deliver, sealTo } = request;
    const transaction = request.transaction && canonicalTransaction(request.transaction);
    checkWay(request);
    const placed = await this.road.take<Placed>(
      asker,
      {
        verb: 'challenge.issue',
        of: { name: request.account },
        decide: async (at) => this.issued(asker, request, transaction, at),
      },
      waiting,
    );
    const { challenge, sequence, repeated } = placed;
    const reply = { challenge: challenge.id, expiresAt: challenge.expiresAt, sequence, ...(repeated && { repeated }) };
    try {
      if (sealTo !== undefined) return { ...reply, code: await this.sealedToCaller(asker, placed) };
      if (deliver === undefined) return { ...reply, ...(await this.question(placed, transaction)) };
      if (repeated === undefined) await this.send(asker, placed, deliver);
      return reply;
    } catch (error) {
      if (repeated === undefined) await this.withdraw(asker, request.account, challenge.id);
      throw error;
    }
  }

  /** Decides one code of a challenge (I1, I2). Throws INVALID_ARGUMENT, BUSY, UNAVAILABLE, OUTCOME_UNKNOWN. */
  async verify(asker: Asker, request: VerifyChallengeRequest, waiting: Waiting): Promise<ChallengeVerdict> {
    const transaction = request.transaction && canonicalTransaction(request.transaction);
    brokenBy({ address: request.address }); // an address that is none is refused whatever the challenge is bound to
    const verdict = await this.road.take<ChallengeVerdict>(
      asker,
      {
        verb: 'challenge.verify',
        of: { name: request.account },
        decide: (at) => this.judged(asker, request, transaction, at),
      },
      waiting,
    );
    return counted('challenge.verify', verdict);
  }

  /** Throws NOT_FOUND for a challenge that is not open to this caller, LIMIT, BUSY, UNAVAILABLE, OUTCOME_UNKNOWN. */
  async sendAgain(asker: Asker, request: SendChallengeRequest, waiting: Waiting): Promise<SendChallengeReply> {
    const { account: name, challenge: id, deliver } = request;
    const decide = ({ place, reading, rules, now }: Standpoint): Outcome<Placed> => {
      const change = { by: asker.caller, at: now, policy: rules.policy };
      const event = challengeSending(reading, id, deliver.channel, change);
      const challenge = openTo(event.state, id, asker.caller, now);
      return { kind: 'append', event, answer: (sequence) => ({ place, challenge, sequence }) };
    };
    const placed = await this.road.take<Placed>(
      asker,
      { verb: 'challenge.send', of: { name }, decide: async (at) => failing(() => decide(at)) },
      waiting,
    );
    await this.send(asker, placed, deliver);
    const { sendsLeft, expiresAt } = placed.challenge;
    return { challenge: id, sendsLeft, expiresAt, sequence: placed.sequence };
  }

  /** Throws NOT_FOUND for a challenge that is not open to this caller, BUSY, UNAVAILABLE, OUTCOME_UNKNOWN. */
  cancel(
    asker: Asker,
    { account: name, challenge }: CancelChallengeRequest,
    waiting: Waiting,
  ): Promise<CancelChallengeReply> {
    const decide = ({ reading, now }: Standpoint): Outcome<CancelChallengeReply> => ({
      kind: 'append',
      event: challengeCancelled(reading, challenge, { by: asker.caller, at: now }),
      answer: (sequence) => ({ challenge, sequence }),
    });
    return this.road.take(
      asker,
      { verb: 'challenge.cancel', of: { name }, decide: async (at) => failing(() => decide(at)) },
      waiting,
    );
  }

  private issued(
    asker: Asker,
    request: IssueChallengeRequest,
    transaction: string | undefined,
    { place, reading, rules, now }: Standpoint,
  ): Outcome<Placed> {
    const { requestId, verifiers, notAfter, deliver, sealTo } = request;
    const to = deliver?.channel ?? sealTo ?? 'device';
    const device = to === 'device' ? ocraDevice(reading.state, request.device) : undefined;
    if (to === 'device' && device === undefined)
      return { kind: 'fail', code: 'NOT_FOUND', detail: 'the account has no such OCRA device that is active' };
    const bound = boundOf(request, transaction && this.digests.transaction(place.id, transaction));
    const asked = requestId !== undefined && {
      request: this.digests.request(asker, requestId, canonicalize(request) ?? '', reading.state.challenges),
    };
    const before =
      asked && reading.state.challenges?.find((each) => each.request === asked.request && each.expiresAt > now);
    if (before)
      return {
        kind: 'answer',
        verdict: { place, challenge: before, device, sequence: reading.sequence, repeated: true },
      };
    const promised = {
      id: randomId(this.random, SESSION_LENGTH),
      ...this.codeOf(request, to),
      ...(verifiers !== undefined && { verifiers }),
      ...(bound !== undefined && { bound }),
      ...asked,
    };
    const wanted = { ...promised, ...(notAfter !== undefined && { notAfter }), to } as const;
    return failing(() => {
      const event = challengeIssued(reading, wanted, { by: asker.caller, at: now, policy: rules.policy });
      const challenge = openTo(event.state, promised.id, asker.caller, now);
      return { kind: 'append', event, answer: (sequence) => ({ place, challenge, device, sequence }) };
    });
  }

  private codeOf({ form = DEFAULT_FORM, asked }: IssueChallengeRequest, to: NewChallenge['to']): ChallengeCode {
    if (to === 'device') return { ocra: asked === undefined ? {} : { asked } };
    const nonce = this.random.bytes(CHALLENGE_NONCE_BYTES).toString('base64url');
    return { nonce, form: { kind: form.kind, length: form.length } };
  }

  private question({ place, challenge, device }: Placed, transaction: string | undefined) {
    if (device === undefined || !isQuestion(challenge)) throw new Error('no device is asked');
    return place.question(device, answeredTo(challenge, transaction && signedDigest(transaction)));
  }

  private async judged(
    asker: Asker,
    request: VerifyChallengeRequest,
    transaction: string | undefined,
    at: Standpoint,
  ): Promise<Outcome<ChallengeVerdict> | { kind: 'again' }> {
    const { place, reading, rules, now } = at;
    const { challenge: id, code, requestId, origin, device } = request;
    const there = reading.state.challenges?.find((each) => each.id === id);
    const bound = there?.bound;
    const presented = {
      ...request,
      ...(isQuestion(there) && device === undefined && { device: bound?.device }), // its response says which one it is
      transaction: transaction && this.digests.transaction(place.id, transaction),
    };
    const isSigned = isQuestion(there) && transaction !== undefined && bound?.transaction !== undefined;
    const typed = `${id} ${code.toUpperCase()}`;
    const attempt: ChallengeAttempt = {
      verb: 'challenge.verify',
      by: asker.caller,
      challenge: id,
      broken: brokenBy(presented, bound),
      ...(requestId !== undefined && {
        request: this.digests.request(asker, requestId, typed, reading.state.recent),
      }),
      ...(origin !== undefined && { origin: this.digests.origin(place.id, origin) }),
      ...(device !== undefined && { device: device as DeviceId }),
      ...(isSigned && { signed: signedDigest(transaction) }),
    };
    const profiles = isQuestion(there) ? await place.profiles(reading) : NO_PROFILES;
    const first = judgeChallenge(reading, attempt, profiles, now, undefined, rules);
    if (first.kind !== 'ask') return first;
    at.assertWorthwhile();
    const redeemed = await this.redeemed(asker, place, attempt, first, code);
    if (!(await at.rulesHold())) return { kind: 'again' };
    const decision = judgeChallenge(reading, attempt, profiles, now, redeemed, rules);
    if (decision.kind === 'ask') throw new Error('judge asked again');
    return decision;
  }

  /** The key service is asked whatever there is, so that the time says nothing. */
  private async redeemed(
    asker: Asker,
    place: Place,
    { challenge: id, signed }: ChallengeAttempt,
    { challenge = unknown(id), answering }: ChallengeDecision & { kind: 'ask' },
    code: string,
  ): Promise<Redeemed> {
    if (isQuestion(challenge) && answering !== undefined)
      return response(place, answering, answeredTo(challenge, signed), code);
    const issued = isQuestion(challenge) ? unknown(id) : challenge;
    const said = await this.keys.redeem(itemOf(asker, place, issued), code);
    return place.kind === 'nobody' || issued !== challenge ? { kind: 'none' } : said;
  }

  private async sealedToCaller(asker: Asker, { place, challenge }: Placed) {
    const recipient = `${asker.tenant}/${asker.caller}`;
    const sealed = await this.keys.sealed(itemOf(asker, place, challenge), recipient);
    return { tenant: asker.tenant, account: place.account, recipient, sealed };
  }

  private async send(asker: Asker, { place, challenge }: Placed, wish: DeliveryWish): Promise<void> {
    const item = itemOf(asker, place, challenge);
    const sealed = await this.keys.sealed(item, 'delivery');
    const { tenant, account, challenge: id, purpose } = item;
    const more = {
      ...(purpose !== undefined && { purpose }),
      ...(place.kind === 'nobody' && { nobody: true as const }),
    };
    await this.delivery.take({
      ...wish,
      tenant,
      account,
      challenge: id,
      sealed,
      ...more,
      expiresAt: challenge.expiresAt,
    });
  }

  /** Nobody will ever have its code. Where even this fails, it ends by itself. */
  private async withdraw(asker: Asker, account: string, challenge: string): Promise<void> {
    await this.cancel(asker, { account, challenge }, CANCEL).catch((error: unknown) =>
      this.log.warn('a challenge without a code stays open until it expires', { challenge, error: String(error) }),
    );
  }
}

function itemOf({ tenant }: Asker, place: Place, challenge: OpenChallenge): ChallengeItem {
  if (isQuestion(challenge)) throw new Error('the HSM makes no code that a device answers');
  const { id, nonce, form, bound } = challenge;
  const { purpose } = bound ?? {};
  const label = { tenant, account: place.account, challenge: id, ...(purpose !== undefined && { purpose }) };
  return { ...label, context: contextOf(bound), nonce, form };
}

/** Asked about like one that there is. */
function unknown(id: string): OpenChallenge {
  const nonce = Buffer.alloc(CHALLENGE_NONCE_BYTES).toString('base64url');
  return { id, nonce, form: DEFAULT_FORM, expiresAt: 0, triesLeft: 0, sendsLeft: 0, by: '' };
}

/** A change that cannot be made is told from a current reading only. */
function failing<Answer>(change: () => Outcome<Answer>): Outcome<Answer> {
  try {
    return change();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: 'fail', code: error.code, detail: error.message };
  }
}

/** Which way the code comes: one of three. */
function checkWay({ deliver, sealTo, device, form, asked }: IssueChallengeRequest): void {
  const asks = deliver === undefined && sealTo === undefined;
  if (deliver !== undefined && sealTo !== undefined) throw wrong(['deliver', 'sealTo'], 'one of them, and not both');
  if (asks && device === undefined) throw wrong(['deliver', 'sealTo'], 'one of them, or an OCRA device in `device`');
  if (asks && form !== undefined) throw wrong(['form'], "left out: the device's suite says it");
  if (!asks && asked !== undefined) throw wrong(['asked'], 'left out: no device is asked');
  checkCodeForm(form ?? DEFAULT_FORM);
}

function wrong(fields: string[], problem: string): Failure {
  const detail = fields.map((field) => ({ field, problem }));
  return new Failure('INVALID_ARGUMENT', `${fields.join(', ')}: ${problem}`, { fields: detail });
}
