import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { readServers } from '@countersign/local';
import { Namespaces, TORTURER } from './namespaces.js';

/**
 * Program, inside the launcher's namespaces: two processes and this one talk to each other over lines that are cut. Says as
 * JSON, for each state of the lines, whether an answer came from `a` to this process, and from `a` to `b`.
 */
const ECHO = `require('node:net').createServer((line) => line.pipe(line)).listen(7, process.argv[1], () => console.log('up'))`;
const ASKER = `
  const line = require('node:net').connect(7, process.argv[1], () => console.log('up'));
  line.on('data', (text) => console.log(String(text)));
  process.stdin.on('data', (text) => line.write(text));`;
const ANSWER_WITHIN_MS = 400;
const AGAIN_WITHIN_MS = 5000; // TCP sends again after ever longer pauses

const namespaces = new Namespaces(readServers());
const a = namespaces.addressOf('a');
const echo = await start('a', ECHO);
const b = await start('b', ASKER);
const here = connect(7, a);
await once(here, 'connect');

const fromB = createInterface(b.stdout as NodeJS.ReadableStream);
let asked = 0;
async function answered(withinMs = ANSWER_WITHIN_MS): Promise<{ here: boolean; b: boolean }> {
  const question = `<${(asked += 1)}>`; // an answer to an earlier one, late, is none to this
  const answers = [heard(here, 'data', question, withinMs), heard(fromB, 'line', question, withinMs)];
  here.write(question);
  b.stdin?.write(question);
  const [toHere = false, toB = false] = await Promise.all(answers);
  return { here: toHere, b: toB };
}

const seen: Record<string, { here: boolean; b: boolean }> = { whole: await answered() };
const cuts: [string, [string, string][]][] = [
  ['a-x->b', [['a', 'b']]],
  ['b-x->a', [['b', 'a']]],
  ['a-x->here', [['a', TORTURER]]],
  ['here-x->a', [[TORTURER, 'a']]],
  ['alone', [TORTURER, 'b'].flatMap((other): [string, string][] => [['a', other], [other, 'a']])],
]; // prettier-ignore
for (const [name, ways] of cuts) {
  const heals = await Promise.all(ways.map(([from, to]) => namespaces.lose(from, to)));
  seen[name] = await answered();
  await Promise.all(heals.map((heal) => heal()));
  seen[`${name}, healed`] = await answered(AGAIN_WITHIN_MS);
}
const [first, second] = [await namespaces.lose('a', 'b'), await namespaces.lose('a', 'b')];
await first();
seen['a-x->b twice, healed once'] = await answered();
await second();
seen['a-x->b twice, healed'] = await answered(AGAIN_WITHIN_MS);
console.log(JSON.stringify(seen));
for (const each of [echo, b]) each.kill('SIGKILL');
here.destroy();

async function start(name: string, source: string): Promise<ChildProcess> {
  const program = { name, command: process.execPath, args: ['-e', source, a], variables: {}, logFile: '' };
  const { command, args } = namespaces.wrap({ ...program, ready: () => Promise.resolve() });
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

function heard(from: NodeJS.EventEmitter, event: string, answer: string, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (was: boolean): void => {
      clearTimeout(late);
      from.off(event, listen);
      resolve(was);
    };
    const late = setTimeout(() => done(false), withinMs);
    const listen = (text: Buffer | string): void => {
      if (String(text).includes(answer)) done(true);
    };
    from.on(event, listen);
  });
}
