import { Failure } from '@countersign/contracts';
import { sleep } from '@countersign/runtime';
import { livingChildren } from '../children.js';
import { natsServersOf, planOf } from '../credentials.js';
import type { StateFolder } from '../folder.js';
import { setUpLedger } from '../ledger.js';
import { holderOf, takeFile, takeLock } from '../lock.js';
import { reloadNats, writeNatsConfig } from '../nats.js';
import { makeCertificates } from '../tls/certificates.js';
import { writePlan, type Plan } from '../plan.js';

const STARTED_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;
const SERVERS = ['nats', 'redis'];

/** A plan that nobody else changes meanwhile. */
export interface PlanChange {
  readonly plan: Plan;
  /** host:port of this platform's NATS servers; undefined while it is down */
  readonly natsServers: string[] | undefined;
  /** Writes the plan; where the platform runs, lets NATS and the ledger know it before this resolves. */
  apply(): Promise<void>;
}

/**
 * Runs `work` with the plan of this folder, which may belong to a platform that runs in another process. Throws Error when
 * there is none or somebody else changes it now, and Failure UNAVAILABLE while the platform is starting.
 */
export async function changing<T>(folder: StateFolder, work: (change: PlanChange) => Promise<T>): Promise<T> {
  if (planOf(folder).topology === 'cluster')
    throw new Error('a cluster takes new tenants and callers only from the process that runs it');
  const unlock = await takeFile(folder.planLock(), (pid) => new Error(`process ${pid} changes this platform just now`));
  try {
    const natsPid = await runningNats(folder);
    const letGo = natsPid === undefined ? await takeLock(folder) : undefined;
    try {
      const plan = planOf(folder);
      const natsServers = natsPid === undefined ? undefined : natsServersOf(plan);
      return await work({ plan, natsServers, apply: () => apply(folder, plan, natsPid) });
    } finally {
      letGo?.();
    }
  } finally {
    unlock();
  }
}

async function apply(folder: StateFolder, plan: Plan, natsPid: number | undefined): Promise<void> {
  writePlan(folder, plan);
  if (plan.tls) await makeCertificates(folder, plan);
  if (natsPid === undefined) return; // the next start writes everything else
  writeNatsConfig(folder, plan);
  await reloadNats([{ kill: (signal) => process.kill(natsPid, signal) }]);
  const missing = plan.tenants.filter(({ name }) => !plan.inLedger.includes(name));
  if (missing.length === 0) return;
  await setUpLedger(folder, natsServersOf(plan), missing);
  plan.inLedger.push(...missing.map(({ name }) => name));
  writePlan(folder, plan);
}

/** The nats-server of a running platform. Waits for one that starts: until its first service it writes the plan itself. */
async function runningNats(folder: StateFolder): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < STARTED_WITHIN_MS; waitedMs += LOOK_EVERY_MS) {
    const children = livingChildren(folder);
    const nats = children.find(({ name }) => name === 'nats');
    if (nats && children.some(({ name }) => !SERVERS.includes(name))) return nats.pid;
    if (typeof holderOf(folder) !== 'number') return undefined;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Failure('UNAVAILABLE', 'the platform is starting; try again when it is up');
}
