import { TokenFileError } from '../token-file-error.js';

/** An app's export holds one person's tokens. */
const LONGEST_CHARACTERS = 16 * 1024 * 1024;

/** All of it, since JSON says nothing until its end. Throws TokenFileError when it is too long. */
export async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > LONGEST_CHARACTERS) throw new TokenFileError('too_big', 'an export of an app has 16 MiB at most');
    parts.push(piece);
  }
  return parts.join('');
}

/** Throws TokenFileError without the parser's words, which hold text of the file. */
export function parsedJson(text: string): Json {
  try {
    return new Json(JSON.parse(text));
  } catch {
    throw new TokenFileError('malformed', 'not whole JSON: cut short, or changed');
  }
}

/** A value in JSON of unknown shape: asking for what is not there gives undefined. */
export class Json {
  constructor(readonly value: unknown) {}

  get(name: string): Json {
    const { value } = this;
    return new Json(
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
    );
  }

  get items(): Json[] | undefined {
    return Array.isArray(this.value) ? this.value.map((item) => new Json(item)) : undefined;
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  /** null counts as left out: apps write it so */
  get optional(): unknown {
    return this.value ?? undefined;
  }
}
