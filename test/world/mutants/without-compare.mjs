// Loaded by `node --import` into one service: that process runs a ledger which appends without comparing. For the tests
// that prove they would notice.
import { register } from 'node:module';

const hooks = `
  export async function load(url, context, next) {
    const loaded = await next(url, context);
    if (!url.endsWith('/libs/ledger/dist/appender.js')) return loaded;
    const source = String(loaded.source);
    const mutant = source.replace(/headers\\.set\\('Nats-Expected-Last-Subject-Sequence'/, "headers.get('nothing'");
    if (mutant === source) throw new Error('the comparison is not where it was: mend the mutant');
    return { ...loaded, source: mutant };
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, import.meta.url);
