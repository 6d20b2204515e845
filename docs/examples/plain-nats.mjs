// Asks Countersign about a code with a plain NATS client and prints the verdict. Nothing of Countersign is imported.
// NATS_URL=127.0.0.1:4222 NATS_NKEY_SEED_FILE=app.nk CALLER=app ACCOUNT=ada CODE=492039 node plain-nats.mjs
import { readFileSync } from 'node:fs';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

const { NATS_URL, NATS_NKEY_SEED_FILE, CALLER, ACCOUNT, CODE } = process.env;

const nats = await connect({
  servers: NATS_URL,
  authenticator: nkeyAuthenticator(new TextEncoder().encode(readFileSync(NATS_NKEY_SEED_FILE, 'utf8').trim())),
  inboxPrefix: `_INBOX_${CALLER}`, // the only inbox that a caller may read
});

const question = JSON.stringify({ account: ACCOUNT, code: CODE });
const reply = await nats.request(`countersign.v1.${CALLER}.verify`, question, { timeout: 5000 });

console.log(JSON.stringify(reply.json())); // {"verdict":"accepted",...}, or with an error header {"code":...,"message":...}
process.exitCode = reply.headers?.has('Nats-Service-Error') ? 1 : 0;
await nats.close();
