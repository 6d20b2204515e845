import { TokenFileError } from './token-file-error.js';

/** Small, so that what a piece of the file becomes is small too. */
const SLICE_BYTES = 64 * 1024;

/** The file as text, piece by piece. Throws TokenFileError when it is not UTF-8; a byte order mark is left out. */
export async function* decoded(input: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (bytes: Uint8Array | undefined): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw new TokenFileError('malformed', 'the file is not UTF-8 text');
    }
  };
  for await (const chunk of input)
    for (let start = 0; start < chunk.length; start += SLICE_BYTES)
      yield decode(chunk.subarray(start, start + SLICE_BYTES));
  yield decode(undefined);
}
