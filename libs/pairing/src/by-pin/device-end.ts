import { equalBytes } from '@noble/curves/utils.js';
import type { RandomBytes } from '@countersign/runtime/portable';
import { checkAnswered } from '../answered.js';
import { base64urlOfBytes, bytesFromBase64url } from '../base64url-bytes.js';
import type { Exchange } from '../enrolment.js';
import type { Hidden } from '../hidden.js';
import { PairingError } from '../pairing-error.js';
import { Prover } from '../spake2plus/prover.js';
import { proverSecret } from '../spake2plus/registration.js';
import type { Scrypt } from '../spake2plus/scrypt.js';
import type { PairedProfile } from '../transcript.js';
import { bind } from './binding.js';
import type { ConfirmRequest, ProvisionReply, ShareReply, ShareRequest } from './messages.js';
import { checkProfile, identitiesOf, termsOf } from './terms.js';
import type { PairingSession } from './terms.js';

export interface DeviceParts<Key extends Hidden> {
  random: RandomBytes;
  /** of its own, for this pairing: beginExchange() or beginPortableExchange() */
  exchange: Exchange<Key>;
  scrypt?: Scrypt;
}

/** refused: another PIN, or somebody in between. Nothing more may be sent; the person may type the PIN again. */
export type Judged = { kind: 'confirmed'; request: ConfirmRequest } | { kind: 'refused' };

export interface Paired<Key extends Hidden> {
  key: Key;
  sessionKey: Hidden;
  profile: PairedProfile;
}

/** Begins a pairing at the device, with the invitation it read and the PIN that was typed. One try. */
export async function beginPairing<Key extends Hidden>(
  { tenant, account, session, identity }: PairingSession,
  pin: Hidden,
  parts: DeviceParts<Key>,
): Promise<DeviceEnd<Key>> {
  const pairing = { tenant, account, session, identity };
  const secret = await proverSecret(pin, identitiesOf(pairing), parts.scrypt && { scrypt: parts.scrypt });
  return new DeviceEnd(pairing, new Prover(secret, parts.random), parts.exchange);
}

/** The device's end of one try. */
export class DeviceEnd<Key extends Hidden = Hidden> {
  /** to send first */
  readonly request: ShareRequest;
  readonly #pairing: PairingSession;
  readonly #prover: Prover;
  readonly #exchange: Exchange<Key>;
  readonly #point: Uint8Array;
  #confirmed: { shared: Hidden; profile: PairedProfile } | undefined;

  constructor(pairing: PairingSession, prover: Prover, exchange: Exchange<Key>) {
    const { session } = pairing;
    this.request = { session, share: base64urlOfBytes(prover.share), point: exchange.point };
    this.#pairing = pairing;
    this.#prover = prover;
    this.#exchange = exchange;
    this.#point = bytesFromBase64url(exchange.point, 'the own point', 65);
  }

  /** Judges the platform's answer, once, before saying anything more. Throws PairingError for one that is malformed. */
  judge(reply: ShareReply): Judged {
    const share = bytesFromBase64url(reply?.share, 'share', 65);
    const confirm = bytesFromBase64url(reply.confirm, 'confirm', 32);
    const profile = checkProfile(reply.profile);
    const outcome = this.#prover.judge(termsOf(this.#pairing, profile, this.#point), share, confirm);
    if (outcome.kind === 'refused') return outcome;
    this.#confirmed = { shared: outcome.shared, profile };
    const { session } = this.#pairing;
    return { kind: 'confirmed', request: { session, confirm: base64urlOfBytes(outcome.confirmP) } };
  }

  /**
   * Takes the key, once. Checks before it opens anything: that every parameter is the one confirmed, and that the end
   * that knew the PIN sealed this answer; then, as in every enrolment, the HSM's signature. Throws PairingError.
   */
  finish(reply: ProvisionReply): Paired<Key> {
    const confirmed = this.#confirmed;
    if (!confirmed) throw new PairingError('used', 'nothing is confirmed that could be finished');
    this.#confirmed = undefined;
    const { tenant, account, identity } = this.#pairing;
    const { shared, profile } = confirmed;
    const asked = { tenant, account, profile };
    checkAnswered(reply, asked);
    const { seal, sessionKey } = bind(shared, this.#point, reply);
    if (!equalBytes(seal, bytesFromBase64url(reply.seal, 'seal', 32)))
      throw new PairingError('seal', 'the answer is not from the end that knew the PIN');
    return { key: this.#exchange.finish(reply, identity, asked), sessionKey, profile };
  }
}
