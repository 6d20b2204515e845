/** What to run, and how to see that it does its work. */
export interface Program {
  /** unique on this platform: `nats`, `redis`, `verification-2` */
  name: string;
  command: string;
  args: string[];
  /** its environment, complete */
  variables: Record<string, string>;
  /** standard output and standard error, appended */
  logFile: string;
  /** resolves when it can be used; `life` says what was logged since its start and whether it lives on */
  ready(life: Life): Promise<void>;
}

export interface Life {
  logged(): string;
  living(): boolean;
}

export interface RestartPolicy {
  /** the first pause before a process that ended by itself is started again, ms; doubled each time */
  firstPauseMs: number;
  longestPauseMs: number;
  /** a process that lived this long starts again from the first pause, ms */
  steadyAfterMs: number;
}

export const RESTARTS: RestartPolicy = { firstPauseMs: 200, longestPauseMs: 10_000, steadyAfterMs: 30_000 };
