const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;
export type Colour = keyof typeof CODES;

/** Colours only where a person looks: a terminal that can, and NO_COLOR not set (no-color.org). */
export function coloured(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}

export const paint = (on: boolean, colour: Colour, text: string): string =>
  on ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
