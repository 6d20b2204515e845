// A ledger that gives each append an id, sends it again when nothing came back, and believes that a duplicate is stored.
import { patch } from './patch.mjs';

patch({
  '/libs/ledger/dist/appender.js': [
    [
      `const headers = newHeaders();`,
      `const headers = newHeaders();
       headers.set('Nats-Msg-Id', nonceOf(data));`,
    ],
    [`const found = await this.look(subject, after, nonce);`, `const found = { kind: 'none' };`],
    [
      `return again.kind === 'stored' ? again : undefined;`,
      `return again.kind === 'stored' || again.kind === 'conflict' ? again : undefined;`,
    ],
  ],
});
