import { Injectable } from '@nestjs/common';
import { rekeyRefused } from '@countersign/account';
import { Bus } from '@countersign/bus';
import {
  Failure,
  keysSubject,
  type AttestationReply,
  type AttestationRequest,
  type FailureCode,
  type ImportKeyReply,
  type ImportKeyRequest,
  type ImportedKey,
  type KeyVerb,
  type MakeSheetReply,
  type MakeSheetRequest,
  type ProvisionReply,
  type ProvisionRequest,
  type RekeyReply,
  type RekeyRequest,
} from '@countersign/contracts';
import type { Waiting } from '@countersign/ledger';

const LONGEST_MS = 5000; // an HSM makes a key pair, a derivation and a wrap in far less
const KEPT_MS = 250; // of the caller's time: to write what came back, and to answer
/** What the key service says about the request itself, and so is for the asker to read. */
const PASSED_ON: FailureCode[] = ['INVALID_ARGUMENT', 'LIMIT', 'BUSY', 'UNAVAILABLE'];

/** The service that holds the HSM, as far as enrolment may ask it. */
@Injectable()
export class KeyService {
  constructor(private readonly bus: Bus) {}

  /** A new key, wrapped for whoever holds the point. Throws INVALID_ARGUMENT, UNAVAILABLE; nothing is written then. */
  provision(request: ProvisionRequest, waiting: Waiting): Promise<ProvisionReply> {
    return this.ask<ProvisionReply>('provision', request, waiting);
  }

  /**
   * A device's next key, sealed by the present one. Throws NOT_FOUND when that one did not prove the request, UNAVAILABLE;
   * nothing is written then.
   */
  async rekey(request: RekeyRequest, waiting: Waiting): Promise<Extract<RekeyReply, { kind: 'made' }>> {
    const reply = await this.ask<RekeyReply>('rekey', request, waiting);
    switch (reply.kind) {
      case 'made':
        return reply;
      case 'not-proved':
        throw rekeyRefused();
      case 'refused':
        throw new Failure('UNAVAILABLE', 'too many wrong proofs for one device within a minute; nothing was decided', {
          retryAfterMs: reply.retryAfterMs,
        });
      case 'unknown-key':
        throw new Failure('UNAVAILABLE', 'the key service does not know the key of this device');
    }
  }

  /**
   * A sheet's codes, sealed. Throws NOT_FOUND when the recipient is not pinned, UNAVAILABLE; nothing is written then.
   */
  async sheet(request: MakeSheetRequest, waiting: Waiting): Promise<Extract<MakeSheetReply, { kind: 'made' }>> {
    const reply = await this.ask<MakeSheetReply>('sheet', request, waiting);
    if (reply.kind === 'made') return reply;
    throw new Failure('NOT_FOUND', `the key service has no key pinned for the recipient ${request.recipient}`);
  }

  /** Signs how a device stands. Throws UNAVAILABLE. */
  attest(request: AttestationRequest, waiting: Waiting): Promise<AttestationReply> {
    return this.ask<AttestationReply>('attest', request, waiting);
  }

  /** Takes in seeds wrapped from one point; one result each. Throws INVALID_ARGUMENT, UNAVAILABLE: nothing is written. */
  async import(request: ImportKeyRequest, waiting: Waiting): Promise<ImportedKey[]> {
    return (await this.ask<ImportKeyReply>('import', request, waiting)).results;
  }

  private async ask<Reply>(verb: KeyVerb, request: object, waiting: Waiting): Promise<Reply> {
    const timeoutMs = Math.floor(Math.min(waiting.remainingMs() - KEPT_MS, LONGEST_MS));
    if (timeoutMs < 1) throw new Failure('UNAVAILABLE', 'the time the caller gave is too short; nothing was decided');
    try {
      return await this.bus.request<Reply>(keysSubject(verb), request, { timeoutMs });
    } catch (cause) {
      if (cause instanceof Failure && PASSED_ON.includes(cause.code)) throw cause;
      throw new Failure('UNAVAILABLE', 'the key service cannot answer now; nothing was decided', { cause });
    }
  }
}
