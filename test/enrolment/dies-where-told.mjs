// A service that is killed once, where the file DIES_ONCE_FILE says, whichever replica comes there first: `record`: when it
// has written a next key's record; `before` an event is appended; `after` it was.
import { readFileSync, unlinkSync } from 'node:fs';
import { Ledger } from '@countersign/ledger';

// eslint-disable-next-line @typescript-eslint/unbound-method -- they are bound to each ledger where they are called
const { append, addRecord } = Ledger.prototype;

/** @type {typeof addRecord} */
Ledger.prototype.addRecord = async function (...of) {
  const sequence = await addRecord.apply(this, of);
  await dieIf('record');
  return sequence;
};

/** @type {typeof append} */
Ledger.prototype.append = async function (...of) {
  await dieIf('before');
  const appended = await append.apply(this, of);
  if (appended.kind === 'stored') await dieIf('after');
  return appended;
};

/** @param {string} place */
function dieIf(place) {
  const file = String(process.env['DIES_ONCE_FILE']);
  try {
    if (readFileSync(file, 'utf8') !== place) return undefined;
    unlinkSync(file);
  } catch {
    return undefined; // nobody is to die, or another replica did
  }
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
}
