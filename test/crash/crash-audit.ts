import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, type Countersign } from '@countersign/caller';
import { StoredLog, filesIn, verifyLog } from '@countersign/audit-verifier';
import { auditKey, connectAs, type SupervisedProcess } from '@countersign/local';
import { sleep } from '@countersign/runtime';
import { CHECKPOINT_PATH, parseVerifierKey, type VerifierKey } from '@countersign/tlog';
import { Chance } from '../torture/chance/chance.js';
import { World } from '../world/world.js';
import { SignIns, type Answered } from './sign-ins.js';
import { Witness } from './witness.js';

/** Who is killed in a round: one of the two replicas, which comes back while the other goes on; the server; all of them. */
const TURNS = [['audit-1'], ['nats'], ['audit-2'], ['nats'], ['nats', 'audit-1', 'audit-2']];
const OWNERS = 3;
const AT_ANY_MOMENT_MS = 300; // a checkpoint comes every 200 ms
const TRY_EVERY_MS = 50;
const ANSWERS_WITHIN_MS = 300_000; // for machines that do much else: what is judged is the log, not its speed
const CONNECTS_WITHIN_MS = 5000;
const STARTS = 4;

export interface CrashOptions {
  times: number;
  seed: number;
  /** told after every round */
  tell: (done: number) => void;
}

export interface Crashed {
  times: number;
  seed: number;
  killed: Record<string, number>;
  /** that were answered, each in the log at the end */
  events: number;
  checkpoints: number;
  seconds: number;
  /** what is not as it has to be, for people */
  wrong: string[];
}

/**
 * Kills replicas of audit and the NATS server, again and again, while people sign in. After each round the log has to go on,
 * and to be one. One replica keeps its tiles in a folder, the other in the stream.
 */
export async function crashAudit(options: CrashOptions): Promise<Crashed> {
  const files = mkdtempSync(join(tmpdir(), 'countersign-crash-'));
  try {
    const variables = { 'audit-1': { AUDIT_DIRECTORY: files } };
    await using world = await World.start({ replicas: { audit: 2 }, restarts: 'never', variables });
    await using bus = await setUpBus(world);
    const key = parseVerifierKey(auditKey(world.platform.folder));
    const witness = new Witness(bus.connected, key);
    return await new Crashes(world, files, witness, options).run(key);
  } finally {
    rmSync(files, { recursive: true, force: true });
  }
}

/** The only identity beside audit that may read checkpoints as they lie there. */
async function setUpBus({ platform }: World) {
  const connected = await connectAs(platform.folder, platform.natsServers, 'setup', CONNECTS_WITHIN_MS);
  return { connected, [Symbol.asyncDispose]: () => connected.close() };
}

class Crashes {
  private readonly killed: Record<string, number> = {};
  private readonly answered: Answered[] = [];
  /** replicas that were started again */
  private readonly coming = new Map<string, Promise<void>>();

  constructor(
    private readonly world: World,
    private readonly files: string,
    private readonly witness: Witness,
    private readonly options: CrashOptions,
  ) {}

  async run(key: VerifierKey): Promise<Crashed> {
    const { world, witness } = this;
    const { times, seed, tell } = this.options;
    const [app, audit] = [await world.caller('app'), await world.caller('audit')];
    const signIns = new SignIns(app, await Promise.all(Array.from({ length: OWNERS }, () => world.owner())));
    const chance = new Chance(seed);
    const from = performance.now();
    for (let done = 0; done < times && witness.wrong.length === 0; tell((done += 1))) {
      await sleep(chance.whole(AT_ANY_MOMENT_MS));
      await this.crash(TURNS[done % TURNS.length] as string[]);
      this.answered.push(...signIns.take());
      await this.look(audit);
    }
    await Promise.all(this.coming.values());
    await signIns.stop();
    this.answered.push(...signIns.take());
    await this.look(audit);
    this.lastLook(key);
    const seconds = Math.round((performance.now() - from) / 1000);
    const { wrong, checkpoints } = witness;
    return { times, seed, killed: this.killed, events: this.answered.length, checkpoints, seconds, wrong };
  }

  private async crash(names: readonly string[]): Promise<void> {
    const victims = names.map((name) => this.world.platform.process(name));
    for (const name of names) await this.coming.get(name);
    await Promise.all(victims.map((each) => each.stop('SIGKILL')));
    for (const each of victims) {
      this.killed[each.name] = (this.killed[each.name] ?? 0) + 1;
      const up = started(each);
      if (each.name === 'nats') await up;
      else this.coming.set(each.name, up);
      up.catch(() => undefined); // told when it is waited for
    }
  }

  /** What was answered last is in the log soon, and the log extends the one that was shown before. */
  private async look(audit: Countersign): Promise<void> {
    const { witness } = this;
    const { sequence = 1 } = this.answered.at(-1) ?? {};
    const receipt = await untilAnswered(() => audit.receipt({ sequence }));
    const { proof, checkpoint } = await untilAnswered(() => audit.proof({ from: witness.head.size }));
    const published = filesIn(this.files).read(CHECKPOINT_PATH) ?? ''; // killed before the first one
    await untilAnswered(() => witness.takeUp());
    for (const note of [published, receipt.checkpoint]) if (note.length > 0) witness.shown(note);
    witness.extended(
      checkpoint,
      proof.map((hash) => Buffer.from(hash, 'base64')),
    );
  }

  private lastLook(key: VerifierKey): void {
    const { witness } = this;
    for (const each of this.answered) witness.has(each);
    const { findings } = verifyLog(new StoredLog(filesIn(this.files)), { key });
    witness.wrong.push(...findings.map(({ kind, text }) => `${kind}: ${text}`));
    for (const name of ['audit-1', 'audit-2'])
      for (const line of readFileSync(this.world.platform.folder.log(name), 'utf8').split('\n'))
        if (line.includes('ALARM')) witness.wrong.push(`${name}: ${line}`);
  }
}

/** A replica whose start the server's end ends is started again, as whoever runs it would. */
async function started(each: SupervisedProcess): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await each.start();
    } catch (error) {
      if (tries === STARTS) throw error;
    }
  }
}

/** Throws what is no failure, and a failure that stays. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (const endMs = performance.now() + ANSWERS_WITHIN_MS; ; await sleep(TRY_EVERY_MS)) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Failure) || performance.now() > endMs) throw error;
    }
  }
}
