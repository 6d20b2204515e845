import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { browse } from './browser.js';
import { serveModules } from './module-server.js';

const EACH_MS = 60_000;

/** The device library as a web page loads it: the built modules, by an import map, in headless Chromium. */
describe('a device in a browser', () => {
  const profile = mkdtempSync(join(tmpdir(), 'countersign-browser-'));
  let arrived: (text: string) => void = () => undefined;
  let server: Awaited<ReturnType<typeof serveModules>>;

  beforeAll(async () => {
    server = await serveModules(async (path, text) => {
      if (path === '/result') arrived(text);
      return '';
    });
  }, EACH_MS);
  afterAll(async () => {
    await server.close();
    rmSync(profile, { recursive: true, force: true });
  });

  /** Opens the page for one step in a browser of its own, which is killed as soon as the step is done. */
  async function step(name: string, given: Record<string, string> = {}): Promise<unknown> {
    const done = new Promise<string>((resolve) => (arrived = resolve));
    const query = new URLSearchParams({ step: name, ...given }).toString();
    return JSON.parse(await browse(`${server.origin}/?${query}`, profile, done)) as unknown;
  }

  // RFC 4226 appendix D and RFC 6238 appendix B
  test('keeps keys and shows codes, never one twice; a key is not written over, and its bytes are zeroed', async () => {
    expect(await step('keep')).toEqual({
      again: 'device hotp00000000 is kept here already',
      left: '00'.repeat(20),
      moment: '287082',
      counters: ['755224', '287082', '359152'].sort(),
    });
  });

  test('goes on where it was when the browser was killed, and after a re-key only with the new key', async () => {
    expect(await step('restarted')).toEqual({
      list: ['hotp00000000', 'totp00000000'],
      fourth: '969429',
      epochs: [1, 2, 2],
      codes: [expect.stringMatching(/^\d{6}$/), expect.stringMatching(/^\d{6}$/)],
      old: 'this key was replaced by another',
    });
  });

  test('has a key at rest that no script can read', async () => {
    const found = (await step('key')) as { plain: string };
    expect(found).toMatchObject({ extractable: false, exported: 'InvalidAccessError' });
    expect(found.plain).toBe('{"epoch":1,"key":{},"nextCounter":0}');
  });
});
