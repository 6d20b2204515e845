import type { RandomBytes } from '@countersign/runtime/portable';
import { checkAnswered } from '../answered.js';
import type { EnrolmentAnswer } from '../answered.js';
import { base64urlOfBytes, bytesFromBase64url } from '../base64url-bytes.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { readPoint } from '../spake2plus/group.js';
import { proverSecret, verifierRecord } from '../spake2plus/registration.js';
import type { VerifierRecord } from '../spake2plus/registration.js';
import type { Scrypt } from '../spake2plus/scrypt.js';
import { Verifier } from '../spake2plus/verifier.js';
import type { PairedProfile } from '../transcript.js';
import { bind } from './binding.js';
import type { ConfirmRequest, ProvisionReply, ShareReply, ShareRequest } from './messages.js';
import { identitiesOf, termsOf } from './terms.js';
import type { PairingSession } from './terms.js';

/** One session to pair, as the platform opened it. */
export interface OpenedSession extends PairingSession {
  profile: PairedProfile;
}

/** confirmed: `point`, base64url, is the one the HSM may wrap a key to. refused: another PIN, or somebody in between. */
export type Confirmation = { kind: 'confirmed'; point: string } | { kind: 'refused' };

/** A session's record is made of the PIN and lives in one replica's memory; the PIN is forgotten. */
export async function openPairing(
  session: OpenedSession,
  pin: Hidden,
  parts: { random: RandomBytes; scrypt?: Scrypt },
): Promise<PlatformEnd> {
  const secret = await proverSecret(pin, identitiesOf(session), parts.scrypt && { scrypt: parts.scrypt });
  return new PlatformEnd(session, verifierRecord(secret), parts.random);
}

/** A confirmed try, as far as the device's point. */
interface Confirmed {
  shared: Hidden;
  point: Uint8Array;
}

/**
 * The platform's end of one session: pure, so it counts nothing. Whoever uses it has a try of the session spent, where
 * no crash gives it back, before asking `answer`: the reply tells whether the PIN was right, and so may its failing.
 */
export class PlatformEnd {
  readonly #session: OpenedSession;
  readonly #record: VerifierRecord;
  readonly #random: RandomBytes;
  /** the last share answered; another takes its place */
  #pending: { verifier: Verifier; point: Uint8Array } | undefined;
  #confirmed: Confirmed | undefined;

  constructor(session: OpenedSession, record: VerifierRecord, random: RandomBytes) {
    this.#session = session;
    this.#record = record;
    this.#random = random;
  }

  /** Throws PairingError: parameters (another session), encoding, point; used after a confirmation. */
  answer(request: ShareRequest): ShareReply {
    this.#checkSession(request?.session);
    if (this.#confirmed) throw new PairingError('used', 'this session has paired');
    this.#pending = undefined;
    const share = bytesFromBase64url(request.share, 'share', 65);
    const point = bytesFromBase64url(request.point, 'point', 65);
    readPoint(point);
    const { profile } = this.#session;
    const verifier = new Verifier(this.#record, termsOf(this.#session, profile, point), share, this.#random);
    this.#pending = { verifier, point };
    return { share: base64urlOfBytes(verifier.share), confirm: base64urlOfBytes(verifier.confirmV), profile };
  }

  /** Judges the device's confirmation of the last share, once. Throws PairingError: parameters, encoding, used. */
  confirm(request: ConfirmRequest): Confirmation {
    this.#checkSession(request?.session);
    const confirm = bytesFromBase64url(request.confirm, 'confirm', 32);
    const pending = this.#pending;
    if (!pending) throw new PairingError('used', 'no share is waiting for a confirmation');
    this.#pending = undefined;
    const outcome = pending.verifier.judge(confirm);
    if (outcome.kind === 'refused') return outcome;
    this.#confirmed = { shared: outcome.shared, point: pending.point };
    return { kind: 'confirmed', point: base64urlOfBytes(pending.point) };
  }

  /** Seals the HSM's answer to the confirmed point. Throws PairingError for an answer that is for something else. */
  seal(answer: EnrolmentAnswer): { reply: ProvisionReply; sessionKey: Hidden } {
    if (!this.#confirmed) throw new PairingError('used', 'nothing is provisioned before both ends confirmed');
    const { tenant, account, profile } = this.#session;
    checkAnswered(answer, { tenant, account, profile });
    const { seal, sessionKey } = bind(this.#confirmed.shared, this.#confirmed.point, answer);
    return { reply: { ...answer, seal: base64urlOfBytes(seal) }, sessionKey };
  }

  #checkSession(session: string): void {
    if (session !== this.#session.session) throw new PairingError('parameters', 'this is another session');
  }
}
