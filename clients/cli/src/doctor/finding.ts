import type { Plan, Servers, StateFolder } from '@countersign/local';
import type { Clock } from '@countersign/runtime';

/** What one look found. `warning`: it works, and somebody should know. `wrong`: it is unsafe, or does not work. */
export interface Finding {
  check: string;
  state: 'ok' | 'warning' | 'wrong';
  text: string;
  /** what to do about it */
  mend?: string;
}

/** What a doctor looks at. */
export interface Patient {
  folder: StateFolder;
  plan: Plan;
  servers: Servers;
  /** whether its supervisor lives */
  up: boolean;
  clock: Clock;
}

export const ok = (check: string, text: string): Finding => ({ check, state: 'ok', text });
export const warning = (check: string, text: string, mend: string): Finding => ({
  check,
  state: 'warning',
  text,
  mend,
});
export const wrong = (check: string, text: string, mend: string): Finding => ({ check, state: 'wrong', text, mend });
