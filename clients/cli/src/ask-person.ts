import { createInterface } from 'node:readline/promises';
import { Unusable } from './exit.js';

/** Whoever sits at the terminal, or a pipe: gives one line after the other. */
export class Person implements Disposable {
  readonly isThere = process.stdin.isTTY === true;
  readonly #lines = createInterface({ input: process.stdin, output: process.stderr, terminal: this.isThere });
  readonly #piped = this.isThere ? undefined : this.#lines[Symbol.asyncIterator]();

  /** The next line. The question is shown at a terminal only. Throws Unusable when there is no line any more. */
  async ask(question: string): Promise<string> {
    if (!this.#piped) return (await this.#lines.question(question)).trim();
    const next = (await this.#piped.next()) as IteratorResult<string, undefined>;
    if (next.done) throw new Unusable(`${question.trim()} nothing came on standard input`);
    return next.value.trim();
  }

  [Symbol.dispose](): void {
    this.#lines.close();
  }
}

/** One line from the person at the terminal, or the first line of a pipe. Throws Unusable when there is none. */
export async function askPerson(question: string): Promise<string> {
  using person = new Person();
  return await person.ask(question); // closed only then
}
