import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Deadline } from '@countersign/bus';
import { Failure, MAX_BATCH, MatchItem, MatchRequest, checkCodeForm, parseMessage } from '@countersign/contracts';
import type {
  AttestationReply,
  AttestationRequest,
  CheckReply,
  CheckRequest,
  ImportKeyReply,
  ImportKeyRequest,
  ImportedKey,
  IssueReply,
  IssueRequest,
  MakeSheetReply,
  MakeSheetRequest,
  MatchReply,
  OcraQuestionReply,
  OcraQuestionRequest,
  ProfileMessage,
  ProvisionReply,
  ProvisionRequest,
  RedeemReply,
  RedeemRequest,
  RekeyReply,
  RekeyRequest,
  SignReply,
  SignRequest,
  WrappedSeedItem,
} from '@countersign/contracts';
import { PairingError, attestationMessage, checkPoint, fromBase64url, toBase64url } from '@countersign/pairing';
import type { PairedParameters, PairedProfile } from '@countersign/pairing';
import { Log } from '@countersign/runtime';
import { SIGNATURE_TYPES, formatCheckpoint, signNote, verifierKey } from '@countersign/tlog';
import type { NoteSigner } from '@countersign/tlog';
import { Challenges } from './challenges/challenges.js';
import { HsmTrouble } from './driver/hsm-driver.js';
import type { ExchangeWith, HsmDriver, Provisioned } from './driver/hsm-driver.js';
import { HSM, SETTINGS } from './injection.js';
import type { KeysSettings } from './injection.js';
import { EnrolmentTurns } from './limits/enrolment-turns.js';
import { GuessLimits } from './limits/guess-limits.js';
import { areChallengeReceipts, areReceipts } from './matching/check-receipts.js';
import { Matching } from './matching/match.js';
import { ocraQuestion } from './matching/ocra-question.js';
import { Rekeying } from './rekeying/rekey.js';
import { Sheets } from './sheets/sheets.js';

/** Questions answered before the event loop may turn to something else: HSM calls hold it (about 1 ms for eight). */
const TURN = 8;
const FIRST_EPOCH = 1;

/** Turns key references into matches, and points into keys. Decides nothing about users. */
@Injectable()
export class KeysService {
  private readonly matching: Matching;
  private readonly rekeying: Rekeying;
  private readonly challenges: Challenges;
  private readonly sheets: Sheets;
  private readonly enrolments = new EnrolmentTurns();
  private readonly auditSigner: NoteSigner;

  constructor(
    @Inject(HSM) private readonly hsm: HsmDriver,
    @Inject(SETTINGS) settings: KeysSettings,
    private readonly log: Log,
  ) {
    const limits = new GuessLimits(settings.clock);
    this.matching = new Matching(hsm, limits);
    this.rekeying = new Rekeying(hsm, limits);
    this.challenges = new Challenges(hsm, limits, settings.recipients);
    this.sheets = new Sheets(hsm, settings.recipients);
    const publicKey = Buffer.from(settings.pinned.audit, 'base64url');
    const { name, id } = verifierKey(settings.auditOrigin, SIGNATURE_TYPES.ed25519, publicKey);
    this.auditSigner = { name, id, sign: (text) => this.orUnavailable(hsm.signAsAudit(text)) };
  }

  /**
   * A malformed item names no key; it does not spoil its neighbours, which are other people's sign-ins. Once nobody waits
   * any longer nothing more is evaluated: what queued up behind a slow HSM is not worked off for nobody.
   */
  async match(message: unknown, deadline?: Deadline): Promise<MatchReply> {
    const items = readItems(message);
    for (const item of items)
      if (item.kind === 'malformed') this.log.warn('an item of a match batch is malformed', { reason: item.reason });
    const wellFormed = items.flatMap((item) => (item.kind === 'item' ? [item.item] : []));
    const results = await inTurns(wellFormed, (few) =>
      this.orUnavailable(this.matching.match(few, () => deadline?.check())),
    );
    return { results: items.map(({ kind }) => (kind === 'item' ? results.shift()! : { kind: 'unknown-key' })) };
  }

  question(request: OcraQuestionRequest): Promise<OcraQuestionReply> {
    return this.orUnavailable(ocraQuestion(this.hsm, request));
  }

  async provision(request: ProvisionRequest): Promise<ProvisionReply> {
    checkFirst(request);
    const exchange = exchangeOf(request);
    return provisioned(await this.orUnavailable(this.enrolments.run(() => this.hsm.provision(exchange))));
  }

  async rekey(request: RekeyRequest): Promise<RekeyReply> {
    if (request.epoch <= FIRST_EPOCH) throw wrong('epoch', `more than ${FIRST_EPOCH}: the first key follows no other`);
    const exchange = exchangeOf(request);
    const proof = readBytes('proof', () => fromBase64url(request.proof, 'proof'));
    const work = () => this.rekeying.rekey(exchange, request.reference, proof);
    const answer = await this.orUnavailable(this.enrolments.run(work));
    if (answer.kind !== 'made') return answer;
    return { kind: 'made', ...provisioned(answer.key), seal: toBase64url(answer.seal) };
  }

  /** Builds the message itself, as for checkpoints: what is signed here can be taken for nothing else. */
  async attest({ challenge, ...said }: AttestationRequest): Promise<AttestationReply> {
    const message = attestationMessage(
      said,
      readBytes('challenge', () => fromBase64url(challenge, 'challenge')),
    );
    return { signature: toBase64url(await this.orUnavailable(this.hsm.signAsIdentity(message))) };
  }

  async issue(request: IssueRequest): Promise<IssueReply> {
    checkCodeForm(request.form);
    return this.orUnavailable(this.challenges.issue(request));
  }

  async redeem(request: RedeemRequest): Promise<RedeemReply> {
    checkCodeForm(request.form);
    return this.orUnavailable(this.challenges.redeem(request));
  }

  async sheet(request: MakeSheetRequest): Promise<MakeSheetReply> {
    return this.orUnavailable(this.enrolments.run(() => this.sheets.make(request)));
  }

  async import(request: ImportKeyRequest, deadline?: Deadline): Promise<ImportKeyReply> {
    const point = pointOf(request);
    const seeds = request.seeds.map((item, at) => ({
      parameters: parametersOf(item),
      wrapped: readBytes(`seeds.${at}.wrapped`, () => fromBase64url(item.wrapped, 'wrapped')),
    }));
    const results: ImportedKey[] = [];
    for (let at = 0; at < seeds.length; at += TURN) {
      deadline?.check();
      const few = { point, seeds: seeds.slice(at, at + TURN) };
      results.push(...(await this.orUnavailable(this.enrolments.run(() => this.hsm.import(few)))));
    }
    return { results };
  }

  /** Builds the checkpoint itself: whoever asks chooses a size and a root, never what else is signed. */
  async sign({ size, root }: SignRequest): Promise<SignReply> {
    const rootBytes = readBytes('root', () => fromBase64url(root, 'root', 32));
    const text = formatCheckpoint({ origin: this.auditSigner.name, size, root: rootBytes });
    return { note: await signNote({ text, signatures: [] }, [this.auditSigner]) };
  }

  async check({ receipts = [], challenges = [] }: CheckRequest): Promise<CheckReply> {
    return {
      valid: await inTurns(receipts, (few) => this.orUnavailable(areReceipts(this.hsm, few))),
      validChallenges: await inTurns(challenges, (few) => this.orUnavailable(areChallengeReceipts(this.hsm, few))),
    };
  }

  private async orUnavailable<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof HsmTrouble)) throw error;
      throw new Failure('UNAVAILABLE', 'the HSM cannot answer now; nothing was decided', { cause: error });
    }
  }
}

function provisioned({ reference, point, wrapped, keyLengthBytes, signature }: Provisioned): ProvisionReply {
  return {
    reference,
    point: toBase64url(point),
    wrapped: toBase64url(wrapped),
    keyLength: keyLengthBytes,
    signature: toBase64url(signature),
  };
}

type ReadItem = { kind: 'item'; item: MatchItem } | { kind: 'malformed'; reason: string };

function readItems(message: unknown): ReadItem[] {
  try {
    return parseMessage(MatchRequest, message).items.map((item) => ({ kind: 'item', item }));
  } catch (error) {
    const items = (message as { items?: unknown } | null)?.items;
    const isBatch = Array.isArray(items) && items.length > 0 && items.length <= MAX_BATCH;
    if (!isBatch || Object.keys(message as object).length > 1) throw error;
    return items.map(readItem);
  }
}

function readItem(value: unknown): ReadItem {
  try {
    return { kind: 'item', item: parseMessage(MatchItem, value) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { kind: 'malformed', reason: error.message };
  }
}

async function inTurns<T, R>(items: readonly T[], work: (few: readonly T[]) => Promise<R[]>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += TURN) {
    if (at > 0) await setImmediate();
    results.push(...(await work(items.slice(at, at + TURN))));
  }
  return results;
}

/** A device's later keys are made from the one before, by proof of it. */
function checkFirst({ epoch }: { epoch: number }): void {
  if (epoch !== FIRST_EPOCH) throw wrong('epoch', `${FIRST_EPOCH}: the next key of a device is made by rekey`);
}

const exchangeOf = (request: ProvisionRequest): ExchangeWith => ({
  parameters: parametersOf(request),
  point: pointOf(request),
});

function parametersOf({ tenant, account, device, epoch, profile }: Omit<WrappedSeedItem, 'wrapped'>): PairedParameters {
  const { type, algorithm, digits, stepSeconds, t0Seconds, counter } = profile;
  const made = { algorithm, digits, stepSeconds, t0Seconds, counter };
  return { tenant, account, device, epoch, profile: { type, ...made, ...suitesOf(profile) } };
}

/** An OCRA device has a suite, and no other has: its key's label is another. Two suites differ: see OcraExchange. */
function suitesOf({ type, suite, platformSuite }: ProfileMessage): Pick<PairedProfile, 'suite' | 'platformSuite'> {
  if ((type === 'ocra') !== (suite !== undefined)) throw wrong('profile.suite', 'the suite of an OCRA device');
  if (suite === undefined || platformSuite === undefined) return suite === undefined ? {} : { suite };
  if (suite === platformSuite) throw wrong('profile.platformSuite', "another suite than the device's");
  return { suite, platformSuite };
}

const pointOf = ({ point }: { point: string }): Buffer =>
  readBytes('point', () => checkPoint(fromBase64url(point, 'point')));

function readBytes(field: string, read: () => Buffer): Buffer {
  try {
    return read();
  } catch (error) {
    if (error instanceof PairingError) throw wrong(field, error.message);
    throw error;
  }
}

function wrong(field: string, problem: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field}: ${problem}`, { fields: [{ field, problem }] });
}
