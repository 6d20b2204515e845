import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { MessageContext, ValidMessage } from '@countersign/bus/nest';
import {
  AttestationRequest,
  CheckRequest,
  ImportKeyRequest,
  IssueRequest,
  MakeSheetRequest,
  OcraQuestionRequest,
  ProvisionRequest,
  RedeemRequest,
  RekeyRequest,
  SignRequest,
  keysSubject,
} from '@countersign/contracts';
import { KeysService } from './keys.service.js';

/** The internal subjects of the key service; no tenant can name them. */
@Controller()
export class KeysController {
  constructor(private readonly keys: KeysService) {}

  @MessagePattern(keysSubject('match'))
  match(@Payload() message: unknown, @Ctx() { deadline }: MessageContext) {
    return this.keys.match(message, deadline);
  }

  @MessagePattern(keysSubject('question'))
  question(@Payload(new ValidMessage(OcraQuestionRequest)) request: OcraQuestionRequest) {
    return this.keys.question(request);
  }

  @MessagePattern(keysSubject('provision'))
  provision(@Payload(new ValidMessage(ProvisionRequest)) request: ProvisionRequest) {
    return this.keys.provision(request);
  }

  @MessagePattern(keysSubject('rekey'))
  rekey(@Payload(new ValidMessage(RekeyRequest)) request: RekeyRequest) {
    return this.keys.rekey(request);
  }

  @MessagePattern(keysSubject('attest'))
  attest(@Payload(new ValidMessage(AttestationRequest)) request: AttestationRequest) {
    return this.keys.attest(request);
  }

  @MessagePattern(keysSubject('import'))
  import(@Payload(new ValidMessage(ImportKeyRequest)) request: ImportKeyRequest, @Ctx() { deadline }: MessageContext) {
    return this.keys.import(request, deadline);
  }

  @MessagePattern(keysSubject('issue'))
  issue(@Payload(new ValidMessage(IssueRequest)) request: IssueRequest) {
    return this.keys.issue(request);
  }

  @MessagePattern(keysSubject('redeem'))
  redeem(@Payload(new ValidMessage(RedeemRequest)) request: RedeemRequest) {
    return this.keys.redeem(request);
  }

  @MessagePattern(keysSubject('sheet'))
  sheet(@Payload(new ValidMessage(MakeSheetRequest)) request: MakeSheetRequest) {
    return this.keys.sheet(request);
  }

  @MessagePattern(keysSubject('sign'))
  sign(@Payload(new ValidMessage(SignRequest)) request: SignRequest) {
    return this.keys.sign(request);
  }

  @MessagePattern(keysSubject('check'))
  check(@Payload(new ValidMessage(CheckRequest)) request: CheckRequest) {
    return this.keys.check(request);
  }
}
