import { createInterface } from 'node:readline/promises';
import { Unusable } from './exit.js';

/** One line from the person at the terminal, or the first line of a pipe. Throws Unusable when there is none. */
export async function askPerson(question: string): Promise<string> {
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY === true,
  });
  try {
    if (process.stdin.isTTY) return (await lines.question(question)).trim();
    for await (const line of lines) return line.trim();
    throw new Unusable(`${question.trim()} nothing came on standard input`);
  } finally {
    lines.close();
  }
}
