import {
  illegality,
  parseEvent,
  parseRecord,
  provedChallenges,
  provedMatches,
  type Profiles,
  type Standing,
  type StoredEvent,
} from '@countersign/account';
import {
  Failure,
  MAX_BATCH,
  type ChallengeReceiptItem,
  type CheckReply,
  type CheckRequest,
  type KeyProfile,
  type ReceiptItem,
  type Tenant,
} from '@countersign/contracts';
import type { Message } from '@countersign/ledger';
import { reasonOf } from '@countersign/runtime';
import { Doubt } from '../alarms/doubt.js';
import { Remembered } from '../reads/remembered.js';
import type { PoliciesThen } from './policies-then.js';

export interface StepCheckParts {
  ledger: { at(sequence: number): Promise<Message | undefined> };
  policies: PoliciesThen;
  /** the key service's: which of these receipts it gave, at most 64 */
  check: (request: CheckRequest) => Promise<CheckReply>;
}

/** What the key service has to have given, if the event is true. */
type Proof = { kind: 'code'; item: ReceiptItem } | { kind: 'challenge'; item: ChallengeReceiptItem };

const ACCOUNTS = 10_000; // whose last states are remembered; some 3 KB each
const RECORDS = 50_000; // devices' profiles; some 200 bytes each

/** One event, looked at. */
interface Look {
  doubt?: Doubt;
  proofs: Proof[];
  message: Message;
}

/**
 * Folds history again: every account's event has to be what the rules make of the state before it, and every match in it
 * has to be one that the key service found. Whoever can write events can then still not make codes right.
 */
export class StepCheck {
  private readonly last = new Remembered<string, Standing>(ACCOUNTS);
  private readonly profile = new Remembered<number, KeyProfile>(RECORDS);

  constructor(private readonly parts: StepCheckParts) {}

  /** What is doubtful about accounts' events. Throws UNAVAILABLE; the same ones can then be asked about again. */
  async doubts(messages: readonly Message[]): Promise<Doubt[]> {
    const looks = await Promise.all(messages.map((message) => this.look(message)));
    const illegal = looks.flatMap(({ doubt }) => doubt ?? []);
    return [...illegal, ...(await this.unproved(looks))];
  }

  private async look(message: Message): Promise<Look> {
    const { subject, sequence } = message;
    const [, tenant = '', account = ''] = subject.split('.');
    const unlike = (reason: string): Look => ({
      doubt: new Doubt('STEP', sequence, reason, subject),
      proofs: [],
      message,
    });
    try {
      const event = readEvent(message.data);
      const known = this.last.get(subject); // before anything is awaited: of the message before this one
      this.last.set(subject, { state: event.state, sequence });
      const before = known !== undefined && known.sequence === event.after ? known : await this.before(event, subject);
      const profiles = await this.profiles(before);
      const rules = await this.parts.policies.inForce(tenant as Tenant, sequence, event.at);
      const reason = illegality(before, event, { profiles, rules });
      const proofs: Proof[] = [
        ...provedMatches(before, event).map((proved) => ({
          kind: 'code' as const,
          item: { tenant, account, ...proved },
        })),
        ...provedChallenges(event).map((proved) => ({
          kind: 'challenge' as const,
          item: { tenant, account, ...proved },
        })),
      ];
      return reason === undefined ? { proofs, message } : { ...unlike(reason), proofs };
    } catch (error) {
      if (error instanceof Unreadable) return unlike(error.message);
      throw error;
    }
  }

  /** The state that the event says it follows. */
  private async before({ after }: StoredEvent, subject: string): Promise<Standing | undefined> {
    if (after === 0) return undefined;
    const message = await this.parts.ledger.at(after);
    if (message === undefined) throw new Unreadable(`it follows ${after}, which the ledger does not have`);
    if (message.subject !== subject) throw new Unreadable(`it follows ${after}, which is another account's`);
    return { state: readEvent(message.data).state, sequence: after };
  }

  private async profiles(before: Standing | undefined): Promise<Profiles> {
    const living = (before?.state.devices ?? []).filter(({ status }) => status !== 'revoked');
    const found = await Promise.all(
      living.map(async ({ id, record }) => {
        const known = this.profile.get(record);
        if (known !== undefined) return [id, known] as const;
        const message = await this.parts.ledger.at(record);
        if (message === undefined) throw new Unreadable(`the record of device ${id} is not there`);
        const { profile } = readRecord(message.data);
        this.profile.set(record, profile);
        return [id, profile] as const;
      }),
    );
    return new Map(found);
  }

  /** A key service that cannot tell is asked again; one that does not know the form of a receipt has not given it. */
  private async unproved(looks: Look[]): Promise<Doubt[]> {
    const all = looks.flatMap(({ message, proofs }) => proofs.map((proof) => ({ message, proof })));
    const batches = Array.from({ length: Math.ceil(all.length / MAX_BATCH) }, (_, at) =>
      all.slice(at * MAX_BATCH, (at + 1) * MAX_BATCH),
    );
    const valid = (await Promise.all(batches.map((batch) => this.valid(batch.map(({ proof }) => proof))))).flat();
    return all
      .filter((_, at) => valid[at] !== true)
      .map(({ message: { sequence, subject }, proof }) => {
        return new Doubt('RECEIPT', sequence, `the key service never matched ${nameOf(proof)}`, subject);
      });
  }

  /** In the order of the proofs. */
  private async valid(proofs: Proof[]): Promise<boolean[]> {
    const receipts = proofs.flatMap((proof) => (proof.kind === 'code' ? [proof.item] : []));
    const challenges = proofs.flatMap((proof) => (proof.kind === 'challenge' ? [proof.item] : []));
    try {
      const { valid, validChallenges } = await this.parts.check({
        ...(receipts.length > 0 && { receipts }),
        ...(challenges.length > 0 && { challenges }),
      });
      const told = { code: valid.values(), challenge: validChallenges.values() };
      return proofs.map(({ kind }) => told[kind].next().value === true);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'INVALID_ARGUMENT') throw error;
      if (proofs.length === 1) return [false];
      return (await Promise.all(proofs.map((each) => this.valid([each])))).flat();
    }
  }
}

const nameOf = ({ kind, item }: Proof): string =>
  kind === 'code' ? `counter ${item.counter} of device ${item.device}` : `challenge ${item.challenge}`;

/** Not what services write. */
class Unreadable extends Error {}

const readEvent = (data: Uint8Array): StoredEvent => read(() => parseEvent(data));
const readRecord = (data: Uint8Array): ReturnType<typeof parseRecord> => read(() => parseRecord(data));

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Unreadable(reasonOf(error));
  }
}
