// A verification that is killed between an append and its answer: once, whichever replica comes there first while the file
// DIES_ONCE_FILE exists. Neither its cache nor who asked hears of what was stored.
import { unlinkSync } from 'node:fs';
import { Ledger } from '@countersign/ledger';

// eslint-disable-next-line @typescript-eslint/unbound-method -- it is bound to each ledger where it is called
const { append } = Ledger.prototype;

/** @type {typeof append} */
Ledger.prototype.append = async function (...of) {
  const appended = await append.apply(this, of);
  if (appended.kind === 'stored' && toldToDie()) await dead();
  return appended;
};

function toldToDie() {
  try {
    unlinkSync(String(process.env['DIES_ONCE_FILE']));
    return true;
  } catch {
    return false;
  }
}

function dead() {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
