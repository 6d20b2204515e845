import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StoredLog, filesIn, openPinned } from '@countersign/audit-verifier';
import { auditKey, livingChildren } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import { parseVerifierKey } from '@countersign/tlog';
import { makeHistory } from './audit/history.js';
import { usedBy } from './processors.js';
import { Ours } from './verdicts/ours.js';

const HELP = `npm run bench:audit -- [options]

How fast audit takes in a ledger that the platform itself made: the log alone (tree, tiles, checkpoints), and the log with
everything else (every account's history folded again, every match's receipt checked). One line of JSON for each.

  --events N      of the ledger, or a few more (default 100000; that many take some minutes to be made)
  --sync WHEN     NATS's sync_interval while it is made: default (2 minutes), or always
  --keep FOLDER   keeps the log there, as files, for others to tamper with
  --help

Examples:
  npm run bench:audit
  npm run bench:audit -- --keep /tmp/log`;

const LOOK_EVERY_MS = 10;
const REPLICA = 'audit-1';

interface Position {
  position: number;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Audit's only replica, stopped and started with nothing but what it is given. */
class AuditRuns {
  private readonly replica;
  private readonly position: string;

  constructor(
    private readonly ours: Ours,
    private readonly files: string,
  ) {
    const { platform } = ours.world;
    this.replica = platform.process(REPLICA);
    this.position = this.replica.program.variables['AUDIT_POSITION_FILE'] as string;
  }

  stop(): Promise<void> {
    return this.replica.stop();
  }

  /** Takes in the ledger from its beginning. `folds`: whether history is folded again, too. */
  async run(name: string, { events, folds }: { events: number; folds: boolean }): Promise<void> {
    rmSync(this.files, { recursive: true, force: true });
    writeFileSync(this.position, JSON.stringify({ position: folds ? 0 : events, open: [] }));
    await this.replica.start();
    const pids = livingChildren(this.ours.world.platform.folder).map(({ name, pid }): [string, number] => [name, pid]);
    const [before, from, begun] = [usedBy(pids), performance.now(), this.done(folds)];
    while (this.done(folds) < events) await sleep(LOOK_EVERY_MS);
    const seconds = (performance.now() - from) / 1000;
    const cpuUs = Object.fromEntries(
      [...usedBy(pids)]
        .map(([part, used]): [string, number] => [part, Math.round(((used - (before.get(part) ?? 0)) / events) * 1e6)])
        .filter(([, us]) => us > 0),
    );
    const perSecond = Math.round((events - begun) / seconds);
    process.stdout.write(
      `${JSON.stringify({ name, events, seconds: Number(seconds.toFixed(2)), perSecond, cpuUs, cores: cpus().length })}\n`,
    );
    await this.replica.stop();
  }

  /** How many events are in the published log, and looked at. */
  private done(folds: boolean): number {
    const note = new StoredLog(filesIn(this.files)).checkpoint();
    const pinned = note && openPinned(note, parseVerifierKey(auditKey(this.ours.world.platform.folder)));
    const size = pinned?.kind === 'opened' ? pinned.checkpoint.size : 0;
    return folds ? Math.min(size, (JSON.parse(readFileSync(this.position, 'utf8')) as Position).position) : size;
  }
}

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    sync: { type: 'string', default: 'default' },
    keep: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const events = Number(values.events);
if (values.help || !Number.isSafeInteger(events) || events < 1 || !['always', 'default'].includes(values.sync)) {
  say(HELP);
  process.exit(values.help ? 0 : 2);
}

const files = values.keep ?? mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const sync = values.sync === 'default' ? undefined : values.sync;
say('starting a platform');
const ours = await Ours.start(sync, { variables: { [REPLICA]: { AUDIT_DIRECTORY: files } } });
try {
  const audit = new AuditRuns(ours, files);
  await audit.stop();
  say(`making ${events} events`);
  await makeHistory(ours, events, say);
  await audit.run('the log', { events, folds: false });
  await audit.run('the log, history and receipts', { events, folds: true });
} finally {
  await ours.stop();
  if (values.keep === undefined) rmSync(files, { recursive: true, force: true });
}
