import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  ConfirmPairingRequest,
  OpenPairingRequest,
  SharePairingRequest,
  askerOf,
  servedSubject,
  type ConfirmPairingReply,
  type OpenPairingReply,
  type SharePairingReply,
} from '@countersign/contracts';
import { OpenPairing } from './open-pairing.js';
import { PairDevice } from './pair-device.js';

/** Pairing by PIN (SPAKE2+, RFC 9383): a person carries a PIN from one screen to another, and no message does. */
@Controller()
export class PairingController {
  constructor(
    private readonly opening: OpenPairing,
    private readonly pairing: PairDevice,
  ) {}

  @MessagePattern(servedSubject('pair.open'))
  open(
    @Payload(new ValidMessage(OpenPairingRequest)) request: OpenPairingRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<OpenPairingReply> {
    return this.opening.open(askerOf(subject), request, deadline);
  }

  @MessagePattern(servedSubject('pair.share'), { perReplica: true })
  share(
    @Payload(new ValidMessage(SharePairingRequest)) request: SharePairingRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<SharePairingReply> {
    return this.pairing.share(askerOf(subject), request, deadline);
  }

  @MessagePattern(servedSubject('pair.confirm'), { perReplica: true })
  confirm(
    @Payload(new ValidMessage(ConfirmPairingRequest)) request: ConfirmPairingRequest,
    @Ctx() { subject, deadline }: MessageContext,
  ): Promise<ConfirmPairingReply> {
    return this.pairing.confirm(askerOf(subject), request, deadline);
  }
}
