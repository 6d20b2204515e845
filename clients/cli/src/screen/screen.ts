import { coloured, paint, type Colour } from './colours.js';

/** Where a command shows what it did: lines for people on standard output, or one JSON value a result with --json. */
export class Screen {
  constructor(
    readonly json: boolean,
    private readonly out: (text: string) => void = (text) => void process.stdout.write(text),
    private readonly aside: (text: string) => void = (text) => void process.stderr.write(text),
    private readonly colours = coloured(process.stdout, process.env),
  ) {}

  /** The result: `value` for programs, `lines` for people. */
  result(value: object, lines: string | string[]): void {
    this.out(this.json ? `${JSON.stringify(value)}\n` : `${[lines].flat().join('\n')}\n`);
  }

  /** Something for people only. */
  line(text = ''): void {
    if (!this.json) this.out(`${text}\n`);
  }

  /** Something for people that is not the result: goes to standard error, so that a pipe does not get it. */
  note(text: string): void {
    if (!this.json) this.aside(`${text}\n`);
  }

  paint(colour: Colour, text: string): string {
    return paint(this.colours && !this.json, colour, text);
  }
}
