// npm run torture: sets up, then runs the torture; where the network is to be cut, inside namespaces of its own.
import { join } from 'node:path';
import { foreground } from './commands.mjs';
import { insideNamespaces } from './namespaces.mjs';
import { root } from './places.mjs';
import { asProgram, Refused } from './refused.mjs';
import { setUp } from './set-up.mjs';

const IMPOSSIBLE = 2; // this machine cannot do what was asked for

const args = process.argv.slice(2);

await asProgram(async () => {
  const say = (/** @type {string} */ line) => console.error(line); // standard output is the result's alone
  const servers = await setUp({ say, tests: true });
  const program = [join(root, 'test', 'dist', 'torture', 'main.js'), ...args];
  try {
    const inside = cutsTheNetwork(args)
      ? insideNamespaces(process.execPath, program, servers)
      : { command: process.execPath, args: program, env: {} };
    return foreground(inside.command, inside.args, { cwd: process.cwd(), env: inside.env, signal: 'the program' });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(error.message);
    return IMPOSSIBLE;
  }
});

/**
 * The rich world lies in namespaces; the lean one only when a cut is asked for by name.
 * @param {string[]} options
 */
function cutsTheNetwork(options) {
  const valueOf = (/** @type {string} */ name) => {
    const at = options.findIndex((each) => each === name || each.startsWith(`${name}=`));
    if (at < 0) return '';
    return options[at]?.includes('=') ? options[at].slice(name.length + 1) : (options[at + 1] ?? '');
  };
  if (options.includes('--help')) return false;
  return valueOf('--world') !== 'lean' || /network-cut|acks-lost/.test(valueOf('--faults'));
}
