import type { TakenNote } from '@countersign/contracts';
import type { Clock } from '@countersign/runtime';

export const WINDOW_MS = 3_600_000;

/** What was taken within the last hour, by this replica and, as far as it heard of it, by the others. */
export class Recent {
  private readonly inOrder: TakenNote[] = [];
  private readonly ids = new Set<string>();
  private readonly counts = new Map<string, number>();

  constructor(private readonly clock: Clock) {}

  /** False when it was there already, or is of another hour. */
  add(taken: TakenNote): boolean {
    this.forget();
    if (this.ids.has(taken.id) || taken.at <= this.clock.now() - WINDOW_MS) return false;
    this.inOrder.push(taken);
    this.ids.add(taken.id);
    for (const key of keysOf(taken)) this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
    return true;
  }

  has(id: string): boolean {
    this.forget();
    return this.ids.has(id);
  }

  ofTenant(tenant: string): number {
    this.forget();
    return this.counts.get(tenant) ?? 0;
  }

  ofRecipient(taken: TakenNote): number {
    this.forget();
    return this.counts.get(keysOf(taken)[1]) ?? 0;
  }

  /** Oldest first. */
  all(): readonly TakenNote[] {
    this.forget();
    return this.inOrder;
  }

  private forget(): void {
    const before = this.clock.now() - WINDOW_MS;
    let gone = 0;
    for (const taken of this.inOrder) {
      if (taken.at > before) break;
      gone += 1;
      this.ids.delete(taken.id);
      for (const key of keysOf(taken)) {
        const left = (this.counts.get(key) ?? 0) - 1;
        if (left > 0) this.counts.set(key, left);
        else this.counts.delete(key);
      }
    }
    if (gone > 0) this.inOrder.splice(0, gone);
  }
}

const keysOf = ({ tenant, recipient }: TakenNote): [string, string] => [tenant, `${tenant} ${recipient}`];
