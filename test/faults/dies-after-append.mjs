// A verification that is killed between an append and its answer: once, whichever replica comes there first while the file
// DIES_ONCE_FILE exists. Neither its cache nor who asked hears of what was stored.
import { patch } from '../world/mutants/patch.mjs';

patch({
  '/services/verification/dist/places/account-place.js': [
    [
      `if (appended.kind === 'stored') {`,
      `if (appended.kind === 'stored') {
         const { unlinkSync } = await import('node:fs');
         const told = () => { try { unlinkSync(process.env.DIES_ONCE_FILE); return true; } catch { return false; } };
         if (told()) { process.kill(process.pid, 'SIGKILL'); await new Promise(() => undefined); }`,
    ],
  ],
});
