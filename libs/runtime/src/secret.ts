import { inspect } from 'node:util';

/**
 * Bytes that must not be shown. Has no content in toString, toJSON or the inspector, and is zeroed by `using`.
 *
 * JavaScript cannot promise more: the garbage collector may have copied the bytes before they are zeroed. Keys that
 * matter stay in the HSM; this type keeps the rest out of logs, errors and messages.
 */
export class Secret implements Disposable {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  /** Copies `text` as UTF-8. */
  static fromText(text: string): Secret {
    return new Secret(Buffer.from(text, 'utf8'));
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The bytes themselves: the one way in, so that it can be searched for. */
  reveal(): Buffer {
    return this.#bytes;
  }

  [Symbol.dispose](): void {
    this.#bytes.fill(0);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
