// A backend that lets people in by a code, over HTTP. It knows Countersign by its messages alone: plain NATS, nothing of ours.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';

const STATUS_OF_REASON = { locked: 429, frozen: 403, disabled: 403 }; // the others: 401
const ASK_WITHIN_MS = 2000;

/** Listens on a free port of 127.0.0.1. POST /sign-in {"account","code"} answers 204, 401, 403, 429 or 503. */
export async function startBackend({ natsServer, caller, nkeySeedFile }) {
  const nats = await connect({
    servers: natsServer,
    authenticator: nkeyAuthenticator(new TextEncoder().encode(readFileSync(nkeySeedFile, 'utf8').trim())),
    inboxPrefix: `_INBOX_${caller}`, // the only inbox that a caller may read
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
  });

  async function signIn({ account, code }) {
    const question = JSON.stringify({ account, code });
    const reply = await nats.request(`countersign.v1.${caller}.verify`, question, { timeout: ASK_WITHIN_MS });
    if (reply.headers?.has('Nats-Service-Error')) return 503; // the system failed: nobody is let in
    const { verdict, reason } = reply.json();
    return verdict === 'accepted' ? 204 : (STATUS_OF_REASON[reason] ?? 401);
  }

  const server = createServer(async (request, response) => {
    const status = await signIn(await json(request)).catch(() => 503);
    response.writeHead(status).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${server.address().port}/sign-in`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await nats.close();
    },
  };
}
