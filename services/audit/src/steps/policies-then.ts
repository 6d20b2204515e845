import { parsePolicy, DEFAULT_RULES, type Rules } from '@countersign/account';
import { POLICY_TOKEN, ledgerSubject, type Tenant } from '@countersign/contracts';
import type { Message } from '@countersign/ledger';

/** A policy is in force everywhere 5 s after its answer; clocks that differ by more than 5 s judge nothing. */
const STILL_MS = 10_000;

interface Decided extends Rules {
  /** ms since 1970 */
  at: number;
}

/** Which of a tenant's policies an event may have been judged by. */
export class PoliciesThen {
  private readonly known = new Map<Tenant, Promise<Decided[]>>();

  constructor(private readonly ledger: { next(sequence: number, filter: string): Promise<Message | undefined> }) {}

  /** A message that may be a policy; called for every message before it matters to those after it. */
  async saw({ subject, sequence, data }: Message): Promise<void> {
    const [, tenant = '', token] = subject.split('.');
    const known = token === POLICY_TOKEN ? await this.known.get(tenant as Tenant) : undefined;
    if (known !== undefined && (known.at(-1)?.version ?? 0) < sequence) known.push(...decidedIn(sequence, data));
  }

  /** Those decided before `sequence` and not followed by another more than 10 s before `at`. Throws UNAVAILABLE. */
  async inForce(tenant: Tenant, sequence: number, at: number): Promise<Rules[]> {
    const all = [{ ...DEFAULT_RULES, at: -Infinity }, ...(await this.of(tenant))];
    return all.filter(({ version }, place) => {
      const next = all[place + 1];
      return version < sequence && (next === undefined || next.version > sequence || next.at >= at - STILL_MS);
    });
  }

  private of(tenant: Tenant): Promise<Decided[]> {
    const known = this.known.get(tenant);
    if (known !== undefined) return known;
    const read = this.read(tenant);
    this.known.set(tenant, read);
    read.catch(() => this.known.delete(tenant));
    return read;
  }

  private async read(tenant: Tenant): Promise<Decided[]> {
    const all: Decided[] = [];
    for (let after = 0; ;) {
      const message = await this.ledger.next(after + 1, ledgerSubject(tenant, POLICY_TOKEN));
      if (message === undefined) return all;
      all.push(...decidedIn(message.sequence, message.data));
      after = message.sequence;
    }
  }
}

/** Nothing where it cannot be read: nobody may have judged by it. */
function decidedIn(version: number, data: Uint8Array): Decided[] {
  try {
    const { at, policy } = parsePolicy(data);
    return [{ version, at, policy }];
  } catch {
    return [];
  }
}
