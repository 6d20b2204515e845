import {
  illegality,
  parseEvent,
  parseRecord,
  provedMatches,
  type Profiles,
  type Standing,
  type StoredEvent,
} from '@countersign/account';
import { Failure, MAX_BATCH, type CheckReply, type ReceiptItem, type Tenant } from '@countersign/contracts';
import type { Message } from '@countersign/ledger';
import { reasonOf } from '@countersign/runtime';
import { Doubt } from '../alarms/doubt.js';
import type { PoliciesThen } from './policies-then.js';

export interface StepCheckParts {
  ledger: { at(sequence: number): Promise<Message | undefined> };
  policies: PoliciesThen;
  /** the key service's: which of these receipts it gave, at most 64 */
  check: (receipts: ReceiptItem[]) => Promise<CheckReply>;
}

/** One event, looked at. */
interface Look {
  doubt?: Doubt;
  receipts: ReceiptItem[];
  message: Message;
}

/**
 * Folds history again: every account's event has to be what the rules make of the state before it, and every match in it
 * has to be one that the key service found. Whoever can write events can then still not make codes right.
 */
export class StepCheck {
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
      receipts: [],
      message,
    });
    try {
      const event = readEvent(message.data);
      const before = await this.before(event, subject);
      const profiles = await this.profiles(before);
      const rules = await this.parts.policies.inForce(tenant as Tenant, sequence, event.at);
      const reason = illegality(before, event, { profiles, rules });
      const receipts = provedMatches(before, event).map(({ device, epoch, counter, receipt }) => ({
        ...{ tenant, account, device, epoch, counter, receipt },
      }));
      return reason === undefined ? { receipts, message } : { ...unlike(reason), receipts };
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
        const message = await this.parts.ledger.at(record);
        if (message === undefined) throw new Unreadable(`the record of device ${id} is not there`);
        return [id, readRecord(message.data).profile] as const;
      }),
    );
    return new Map(found);
  }

  /** A key service that cannot tell is asked again; one that does not know the form of a receipt has not given it. */
  private async unproved(looks: Look[]): Promise<Doubt[]> {
    const all = looks.flatMap(({ message, receipts }) => receipts.map((item) => ({ message, item })));
    const doubts: Doubt[] = [];
    for (let at = 0; at < all.length; at += MAX_BATCH) {
      const batch = all.slice(at, at + MAX_BATCH);
      const valid = await this.valid(batch.map(({ item }) => item));
      for (const [index, { message, item }] of batch.entries())
        if (valid[index] !== true)
          doubts.push(
            new Doubt(
              'RECEIPT',
              message.sequence,
              `the key service never matched counter ${item.counter} of device ${item.device}`,
              message.subject,
            ),
          );
    }
    return doubts;
  }

  private async valid(receipts: ReceiptItem[]): Promise<boolean[]> {
    try {
      return (await this.parts.check(receipts)).valid;
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'INVALID_ARGUMENT') throw error;
      if (receipts.length === 1) return [false];
      return (await Promise.all(receipts.map((each) => this.valid([each])))).flat();
    }
  }
}

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
