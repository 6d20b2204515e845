import { reasonOf } from '@countersign/runtime';

/** What a service needs to do its work, by name. Each throws when it is not there; nothing is asked for it. */
export type Needs = Record<string, () => void>;

export interface Readiness {
  ready: boolean;
  /** what is not there, and why */
  missing: Record<string, string>;
}

/** How this replica stands. It starts without anything, and ends so. */
export class Health {
  private needs: Needs = { start: missing('it is starting') };

  started(needs: Needs): void {
    this.needs = needs;
  }

  stopping(): void {
    this.needs = { start: missing('it is stopping') };
  }

  get readiness(): Readiness {
    const found = Object.entries(this.needs).flatMap(([name, need]) => {
      try {
        need();
        return [];
      } catch (error) {
        return [[name, reasonOf(error)] as const];
      }
    });
    return { ready: found.length === 0, missing: Object.fromEntries(found) };
  }
}

const missing = (reason: string) => (): never => {
  throw new Error(reason);
};
