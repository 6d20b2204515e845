// Loaded by `node --import` into the key service: every evaluation is written to a file of this very process before
// anybody hears of it. Each line is one write of its own, so that kill -9 loses none.
import { register } from 'node:module';

/** Where codes are evaluated, and what takes the place of it there. */
const PATCHES = [
  {
    file: '/key-derivation/dist/matching/match.js',
    found: 'class Matching [^]*async match\\(items, next[^]*next\\(\\);[^]*DECOY_REFERENCE',
    appended: writing(
      'evaluated',
      ['tenant', 'account', 'device', 'epoch', 'from', 'count', 'code'],
      `
      const match = Matching.prototype.match;
      Matching.prototype.match = async function (items, next = () => undefined) {
        const begun = []; // when each was; what was not begun was not evaluated
        const writeAll = (results) =>
          begun.forEach((at, index) => {
            const nobodys = items[index].reference === DECOY_REFERENCE; // there is nothing to guess
            if (!nobodys) write(items[index], at, results?.[index]);
          });
        try {
          const results = await match.call(this, items, () => {
            next();
            begun.push(Date.now());
          });
          writeAll(results);
          return results;
        } catch (error) {
          writeAll();
          throw error;
        }
      };`,
    ),
  },
  {
    file: '/key-derivation/dist/challenges/challenges.js',
    found: 'class Challenges [^]*async redeem\\(request\\)',
    appended: writing(
      'redeemed',
      ['tenant', 'account', 'challenge', 'code'],
      `
      const redeem = Challenges.prototype.redeem;
      Challenges.prototype.redeem = async function (request) {
        const at = Date.now();
        try {
          const result = await redeem.call(this, request);
          write(request, at, result);
          return result;
        } catch (error) {
          write(request, at);
          throw error;
        }
      };`,
    ),
  },
];

/**
 * A module's end in which `write(item, at, result)` is known; no result: it met trouble.
 * @param {string} kind
 * @param {string[]} fields of what was asked
 * @param {string} patch
 */
function writing(kind, fields, patch) {
  return `
    import { openSync, writeSync } from 'node:fs';
    import { join } from 'node:path';
    {
      const replica = process.pid + '@' + Date.now();
      const file = openSync(join(process.env.EVALUATIONS_FOLDER, 'evaluated-' + replica + '-${kind}.jsonl'), 'a');
      const write = ({ ${fields.join(', ')} }, at, { kind: result, counter } = { kind: 'trouble' }) =>
        writeSync(
          file,
          JSON.stringify({ kind: '${kind}', at, replica, ${fields.join(', ')}, result, counter }) + '\\n',
        );
      ${patch}
    }`;
}

const hooks = `
  const patches = ${JSON.stringify(PATCHES)};
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    const patch = patches.find(({ file }) => url.endsWith(file));
    if (patch === undefined) return loaded;
    const source = String(loaded.source);
    if (!new RegExp(patch.found).test(source))
      throw new Error('evaluations are not made where they were: mend the recorder');
    return { ...loaded, source: source + patch.appended };
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, import.meta.url);
