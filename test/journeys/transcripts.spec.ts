import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { World } from '../world/world.js';

/**
 * What the command says, word for word: each file of test/transcripts is typed at a running platform, line by line, and
 * compared. `!` begins what goes to standard error; [n] is the exit status. What differs from run to run is masked.
 * UPDATE_TRANSCRIPTS=1 writes the files anew: read the difference before you commit it.
 */
const COUNTERSIGN = fileURLToPath(new URL('../../clients/cli/bin/countersign.mjs', import.meta.url));
const FOLDER = new URL('../transcripts/', import.meta.url);
const EACH_MS = 120_000;
const files = readdirSync(FOLDER).sort();

interface Ended {
  status: number | null;
  out: string;
  error: string;
}

let world: World;
let device = '<device>'; // the one that was named last
let invitation = '<invitation>'; // likewise
let pin = '<pin>';
let code = '<code>'; // the first one of a recovery sheet, or a challenge's
let challenge = '<challenge>';

beforeAll(async () => {
  world = await World.start({ replicas: { delivery: 1 } });
}, EACH_MS);
afterAll(() => world.stop());

test.each(files)(
  '%s',
  async (file) => {
    const path = new URL(file, FOLDER);
    const expected = readFileSync(path, 'utf8');
    const commands = expected.split('\n').filter((line) => line.startsWith('$ '));
    const seen: string[] = [];
    for (const command of commands) seen.push(command, await typed(command.slice(2)), '');
    const text = seen.join('\n');
    if (process.env['UPDATE_TRANSCRIPTS']) writeFileSync(path, text);
    else expect(text).toBe(expected);
  },
  EACH_MS,
);

async function typed(line: string): Promise<string> {
  let ended: Ended = { status: 0, out: '', error: '' };
  for (const part of line.split(' | ')) {
    const [program, ...words] = part
      .replace('<device>', device)
      .replace('<invitation>', invitation)
      .replace('<pin>', pin)
      .replace('<code>', code)
      .replaceAll('<state>', world.platform.folder.path)
      .replace('<challenge>', challenge)
      .split(' ');
    if (program === 'echo') ended = { status: 0, out: `${words.join(' ')}\n`, error: '' };
    else ended = await countersign(words, ended.out);
  }
  device = /device (?:")?([0-9a-hjkmnp-tv-z]{12})\b/.exec(ended.out)?.[1] ?? device;
  invitation = INVITATION.exec(ended.out)?.[0] ?? invitation;
  pin = /"pin":"(\d+)"/.exec(ended.out)?.[1] ?? pin;
  code = /^\w{5}-\w{5}$|(?<=^code )\w+$/m.exec(ended.out)?.[0] ?? code;
  challenge = /(?<=^challenge )\w{16}\b/m.exec(ended.out)?.[0] ?? challenge;
  const { status, out, error } = ended;
  const lines = [...out.split('\n'), ...error.split('\n').map((each) => each && `! ${each}`)];
  return [...lines.filter((each) => each !== '').map(masked), `[${status}]`].join('\n');
}

function countersign(words: string[], input: string): Promise<Ended> {
  const state = world.platform.folder.path;
  const args = ['--no-warnings', COUNTERSIGN, ...words, '--state', state];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env: { ...process.env, NO_COLOR: '1' } });
    const ended = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (ended.error += chunk.toString('utf8')));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...ended }));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(input);
  });
}

const INVITATION = /countersign:\/\/(?:pair|activate)\?[\w=&-]+/;

/** Ids have no i, l, o and u, which hardly any word of their length can say of itself. */
const MASKS: [RegExp, string][] = [
  [INVITATION, '<invitation>'],
  [/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/, '<code>'],
  [/("pin":")\d+/, '$1<pin>'],
  [/("signature":")[\w-]+/, '$1<signature>'],
  [/("session":")\w+(","at":")[\w-]+/, '$1<session>$2<replica>'],
  [/^(code |.*"code":")(?:[0-9]{6,8}|[BCDFGHJKLMNPQRSTVWXZ]{4,10})\b/, '$1<code>'],
  [/\b[0-9a-hjkmnp-tv-z]{16}\b/g, '<challenge>'],
  [/\b[0-9a-hjkmnp-tv-z]{20}\b/g, '<id>'],
  [/\b[0-9a-hjkmnp-tv-z]{12}\b/g, '<device>'],
  [/\bU[A-Z2-7]{55}\b/g, '<nkey>'],
  [/\b(?:[A-Z2-7]{4} ){4}[A-Z2-7]{4}\b/g, '<phone part>'],
  [/\d{4}-\d\d-\d\d[T ][\d:.]+Z/g, '<time>'],
  [/127\.0\.0\.1:\d+/g, '<address>'],
  [/("(?:sequence|at|storedAt|expiresAt|pid|port|requests|bytes|messages)":)\d+/g, '$1<n>'],
  [/\b(sequence|process|port) \d+/g, '$1 <n>'],
  [/\b\d+ (messages|bytes|requests)\b/g, '<n> $1'],
  [/\b\d+ (?=events\b|entries\b(?! by countersign\.example))/g, '<n> '],
  [/("size":|"events":)\d+/g, '$1<n>'],
  [/countersign\.local\/ledger\+[0-9a-f]{8}\+[\w+/=]{44}/g, '<log key>'],
  [/countersign\.local\/ledger\+[0-9a-f]{8}/g, '<log key>'],
  [/("identity":|identity key, for clients to pin: )\S+?(?=[",]|$)/g, '$1<key>'],
  [/"publicKeys":\{.*\}/g, '"publicKeys":<keys>'],
  [/\b(version|nats-server|redis-server|SoftHSM) \d+(\.\d+)+/g, '$1 <version>'],
  [/^\d+ +(?=<time>)/, '<n> '],
  [/(counter|retryAfterMs":) ?\d+/g, '$1 <n>'],
  [/ {2,}/g, '  '],
];

const masked = (line: string): string =>
  MASKS.reduce(
    (text, [pattern, shown]) => text.replace(pattern, shown),
    line.replaceAll(world.platform.folder.path, '<state>'),
  );
