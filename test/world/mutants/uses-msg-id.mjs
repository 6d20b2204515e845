// A ledger that gives each append an id, sends it again when nothing comes back soon, and believes that a duplicate is
// stored. What a leader means to store and never does is a duplicate, too.
import { patch } from './patch.mjs';

const SOON_MS = 400;

patch({
  '/libs/ledger/dist/appender.js': [
    [
      `const headers = newHeaders();`,
      `const headers = newHeaders();
       headers.set('Nats-Msg-Id', nonceOf(data));`,
    ],
    [
      `const answer = await this.bus.ask(subject, data, headers, this.ackTimeoutMs);`,
      `const first = this.bus.ask(subject, data, headers, this.ackTimeoutMs);
       first.catch(() => undefined);
       const soon = new Promise((resolve) => setTimeout(resolve, ${SOON_MS}, undefined));
       const again = () => Promise.race([first, this.bus.ask(subject, data, headers, this.ackTimeoutMs)]);
       const answer = (await Promise.race([first, soon])) ?? (await again());`,
    ],
  ],
});
