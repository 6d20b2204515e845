// Runs the services against servers that run elsewhere, with the state that `npm start -- --once` made. Ctrl-C ends them.
// NATS_SERVERS=127.0.0.1:4222 REDIS_SERVER=127.0.0.1:6379 STATE=.countersign node docs/examples/services.mjs
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const { PATH, NATS_SERVERS = '127.0.0.1:4222', REDIS_SERVER = '127.0.0.1:6379', STATE } = process.env;
const state = (...names) => join(resolve(STATE ?? join(root, '.countersign')), ...names);
const servers = JSON.parse(readFileSync(join(root, '.countersign', 'runtime', 'servers.json'), 'utf8'));

const directory = { DIRECTORY_INDEX_FILE: state('secrets', 'directory-index.key') };
const hsmPublic = { HSM_PUBLIC_FILE: state('hsm', 'public.json') };
const AUDIT_KEY = readFileSync(state('hsm', 'audit.key'), 'utf8').trim();
const highWater = (service) => ({ HIGH_WATER_FILE: state('state', `${service}-1.high-water.json`), AUDIT_KEY });

const variables = {
  enrollment: {
    ...directory,
    ...hsmPublic,
    ...highWater('enrollment'),
    DIRECTORY_NAMES_FILE: state('secrets', 'directory-names.key'),
  },
  'key-derivation': {
    ...hsmPublic,
    ...(servers.libraryPath && { LD_LIBRARY_PATH: servers.libraryPath }),
    SOFTHSM2_CONF: state('hsm', 'softhsm2.conf'),
    HSM_MODULE: servers.softhsmModule,
    HSM_TOKEN_LABEL: 'countersign',
    HSM_PIN_FILE: state('hsm', 'pin'),
    AUDIT_ORIGIN: 'countersign.local/ledger',
    ISSUE_RECIPIENTS_FILE: state('hsm', 'recipients.json'),
  },
  verification: {
    ...directory,
    ...highWater('verification'),
    VERIFICATION_SECRET_FILE: state('secrets', 'verification.key'),
    REDIS_SERVER,
    REDIS_PASSWORD_FILE: state('secrets', 'redis-verification.password'),
  },
  audit: {
    ...directory,
    ...highWater('audit'),
    AUDIT_POSITION_FILE: state('state', 'audit-1.position.json'),
  },
  delivery: {
    DELIVERY_KEY_FILE: state('secrets', 'delivery.key'),
    DELIVERY_RECENT_FILE: state('state', 'delivery-1.recent'),
  },
};

const children = Object.entries(variables).map(([service, own]) => {
  const bus = { NATS_SERVERS, NATS_NKEY_FILE: state('credentials', `${service}.nk`) };
  const main = join(root, 'services', service, 'dist', 'main.js');
  const child = spawn(process.execPath, [main], { env: { PATH, ...bus, ...own }, stdio: 'inherit' });
  child.once('exit', (status, signal) => console.error(`${service} ended: ${signal ?? `status ${status}`}`));
  return child;
});
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => children.forEach((child) => child.kill('SIGTERM')));
