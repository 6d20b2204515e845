import type { Screen } from '../screen/screen.js';

/** Something was not as the tour expects; the tour goes on and ends with status 1. */
export class Unexpected extends Error {}

export interface Seen {
  /** the word that says how it ended: accepted, replayed, rejected, refused ... */
  word: string;
  /** what was done and seen, in one line */
  text: string;
}

/** Shows each step with ✔ or ✘ and remembers which went wrong. */
export class Steps {
  readonly wrong: string[] = [];
  private readonly done: { step: string; ok: boolean; word: string; text: string }[] = [];

  constructor(private readonly screen: Screen) {}

  heading(text: string): void {
    this.screen.line();
    this.screen.line(this.screen.paint('bold', text));
  }

  /** Runs one step. What it throws is shown, counted as wrong, and thrown again for whoever cannot go on without it. */
  async step<T>(name: string, run: () => Promise<{ seen: Seen; value: T }>): Promise<T> {
    try {
      const { seen, value } = await run();
      this.show(name, true, seen);
      return value;
    } catch (error) {
      this.show(name, false, {
        word: 'failed',
        text: `${name}: ${error instanceof Error ? error.message : String(error)}`,
      });
      this.wrong.push(name);
      throw error;
    }
  }

  /** The same for a step that others do not depend on: goes on when it fails. */
  async tryStep(name: string, run: () => Promise<Seen>): Promise<void> {
    await this.step(name, async () => ({ seen: await run(), value: undefined })).catch(() => undefined);
  }

  summary(): object {
    return { tour: this.done, wrong: this.wrong };
  }

  private show(step: string, ok: boolean, { word, text }: Seen): void {
    this.done.push({ step, ok, word, text });
    const mark = ok ? this.screen.paint('green', '✔') : this.screen.paint('red', '✘');
    this.screen.line(`  ${mark} ${this.screen.paint('bold', word.padEnd(9))} ${text}`);
  }
}
