// npm run compose:tour: builds the images, runs docker-compose.yml, takes the tour there, and ends everything again with its
// volumes. COUNTERSIGN_COMPOSE is the command to use instead of the first of docker compose and docker-compose that
// reaches an engine; COUNTERSIGN_COMPOSE_BUILD another one for the building alone.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..', '..');
const KNOWN = ['docker compose', 'docker-compose'];
const NO_ENGINE = 69; // EX_UNAVAILABLE of sysexits.h

/** Its own project: whatever else runs from this compose file stays as it is. */
const PROJECT = 'countersign-tour';
const run = (command, ...words) => {
  const [program, ...first] = command.split(' ');
  const env = { ...process.env, COMPOSE_PROJECT_NAME: PROJECT };
  return spawnSync(program, [...first, ...words], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status;
};
/** Its engine, too: `version` answers without one. */
const answers = (command) => {
  const [program, ...first] = command.split(' ');
  return spawnSync(program, [...first, 'ps'], { cwd: root, stdio: 'ignore', timeout: 20_000 }).status === 0;
};

/** Judged by what the tour itself says: some composers end with 0 whatever happened. */
function tour() {
  const [program, ...first] = compose.split(' ');
  const words = ['run', '--rm', '-T', 'tour', 'node', 'clients/cli/dist/tour/main.js', '--json'];
  const env = { ...process.env, COMPOSE_PROJECT_NAME: PROJECT };
  const { stdout } = spawnSync(program, [...first, ...words], { cwd: root, env, encoding: 'utf8' });
  console.log(stdout);
  return stdout?.includes('"wrong":[]') ? 0 : 1;
}

const compose = process.env.COUNTERSIGN_COMPOSE ?? KNOWN.find(answers);
if (compose === undefined) {
  console.error(`compose:tour needs one of ${KNOWN.join(', ')}, or COUNTERSIGN_COMPOSE; none of them answers here`);
  process.exit(NO_ENGINE);
}
const steps = [
  ['building the images', () => run(process.env.COUNTERSIGN_COMPOSE_BUILD ?? compose, 'build')],
  ['starting the platform', () => run(compose, 'up', '-d', '--no-build')],
  ['taking the tour', () => tour()],
];
let failed;
for (const [meaning, step] of steps) {
  console.error(meaning);
  if (step() === 0) continue;
  failed = meaning;
  run(compose, 'logs', '--no-color', '--tail=20');
  break;
}
run(compose, 'down', '--volumes');
if (failed !== undefined) console.error(`it went wrong while ${failed}`);
process.exit(failed === undefined ? 0 : 1);
