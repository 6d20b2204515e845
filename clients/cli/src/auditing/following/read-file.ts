import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadFile } from './tiles-view.js';

const TIMEOUT_MS = 10_000;
/** More than any note or tile has: a server that sends without end is not read to it. */
const MOST_BYTES = 1_000_000;

export const isUrl = (place: string): boolean => /^https?:\/\//.test(place);

/** Files below a folder or a URL. */
export const filesAt = (place: string): ReadFile => (isUrl(place) ? fromUrl(place) : fromFolder(place));

const fromFolder =
  (folder: string): ReadFile =>
  async (path) => {
    try {
      return await readFile(join(folder, path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  };

const fromUrl =
  (base: string): ReadFile =>
  async (path) => {
    const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 404) return undefined;
    if (!response.ok || response.body === null) throw new Error(`${url.href} answers ${response.status}`);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      parts.push(part);
      bytes += part.length;
      if (bytes > MOST_BYTES) throw new Error(`${url.href} is larger than anything of a log`);
    }
    return Buffer.concat(parts);
  };
