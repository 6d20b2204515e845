import { mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sleep } from '@countersign/runtime';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';
import { changePin, copyWithAnotherMaster } from './administrator.js';
import { HsmFaults, type Mend } from './hsm-faults.js';
import { Rekeys } from './rekeys.js';
import { SignIns } from './sign-ins.js';

const TIMES = 2;
const BROKEN_MS = 500;
const AFTER_CAUSE_MS = 2000;
/** one less than people sign in: keys are made all the time, and only some faults meet keys that are held */
const HELD_KEYS = 4;

let world: World;
let faults: HsmFaults;
let scratch: string;

interface Fault {
  name: string;
  break: () => Promise<Mend> | Mend;
  /** what the log of key-derivation must show, so that the fault is known to have bitten */
  shows: RegExp;
  /** only so many people sign in that all their keys are held; keys of one length, so that any can stand for any */
  held?: true;
  /** nobody re-keys meanwhile: its dozen calls hold the process longer than the fault lasts, and no sign-in would meet it */
  signInsOnly?: true;
  /** how long, where BROKEN_MS is not enough to be noticed */
  brokenMs?: number;
}

const FAULTS: Fault[] = [
  { name: 'token removed', break: () => tokensAway(), shows: /could not be repaired/ },
  { name: 'PIN changed, the service has the old one', break: () => pinRotated(), shows: /PIN/ },
  { name: 'session limit reached', break: () => faults.sessionsExhausted(), shows: /CKR_SESSION_COUNT/ },
  {
    name: 'session closed under an operation',
    break: () => faults.sessionClosedUnderOperation(50),
    shows: /CKR_SESSION_HANDLE_INVALID/,
  },
  { name: 'C_Finalize under load', break: () => faults.finalizedUnderLoad(50), shows: /CKR_CRYPTOKI_NOT_INITIALIZED/ },
  { name: 'killed in the middle of a call', break: () => killed(), shows: /"ready"/ },
  { name: 'slow: 2 s a call', break: () => faults.slow(2000), shows: /too long/, brokenMs: 3500, signInsOnly: true },
  {
    name: 'HMAC-SHA-1 fails',
    break: () => faults.mechanismFails('CKM_SHA_1_HMAC', 'CKR_DEVICE_ERROR'),
    shows: /CKR_DEVICE_ERROR/,
  },
  {
    name: 'derivation is gone',
    break: () => faults.mechanismFails('CKM_AES_CBC_ENCRYPT_DATA', 'CKR_MECHANISM_INVALID'),
    shows: /CKR_MECHANISM_INVALID/,
  },
  {
    name: 'keys in memory gone',
    break: () => faults.handlesFlushed('gone'),
    shows: /HANDLE_INVALID/,
    held: true,
  },
  {
    name: "handles denote other devices' keys",
    break: () => faults.handlesFlushed('renumbered'),
    shows: /another key/,
    held: true,
  },
  { name: 'a token with another master', break: () => tokenReplaced(), shows: /devices-1 is another key/ },
];

describe('an HSM in trouble under sign-ins', () => {
  const report: string[] = [];
  const devices = new Map<Fault, Device[]>();

  beforeAll(async () => {
    faults = new HsmFaults();
    scratch = mkdtempSync(join(tmpdir(), 'countersign-hsm-'));
    world = await World.start({
      keys: 'own',
      variables: { 'key-derivation': { ...faults.variables, HSM_CACHED_KEYS: String(HELD_KEYS) } },
      restarts: { firstPauseMs: 200, longestPauseMs: 200, steadyAfterMs: 1000 },
    });
    for (const fault of FAULTS) devices.set(fault, await (fault.held ? alike() : people()));
  });
  afterAll(async () => {
    process.stdout.write(`HSM faults: verdicts, failures, recovery in ms\n${report.join('\n')}\n`);
    await world.stop();
    faults[Symbol.dispose]();
    rmSync(scratch, { recursive: true });
  });

  test.each(FAULTS)(
    '$name: no wrong verdict, UNAVAILABLE meanwhile, answering within 2 s; re-keys end whole',
    async (fault) => {
      const stream = await SignIns.start(world.credentials('app'), devices.get(fault) as Device[]);
      const rekeys = fault.held || fault.signInsOnly ? undefined : await rekeying();
      const from = logs().length;
      const recovery: number[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        await stream.allServed(AFTER_CAUSE_MS);
        const mend = await fault.break();
        await sleep(fault.brokenMs ?? BROKEN_MS);
        await mend();
        recovery.push(...(await stream.allServed(4 * AFTER_CAUSE_MS)));
      }
      await stream.stop();
      await oneKeyWorks(rekeys);
      recovery.sort((a, b) => a - b);
      const [median, worst] = [recovery[recovery.length >> 1], recovery.at(-1)] as [number, number];
      const failures = JSON.stringify(Object.fromEntries(stream.failures));
      report.push(
        `  ${fault.name}: ${stream.verdicts}, ${failures}, median ${median.toFixed()}, p99 ${worst.toFixed()}`,
      );
      expect(stream.wrong).toEqual([]);
      expect([...stream.failures.keys()].filter((code) => !['UNAVAILABLE', 'BUSY'].includes(code))).toEqual([]);
      expect(logs().slice(from)).toMatch(fault.shows);
      expect(worst).toBeLessThan(AFTER_CAUSE_MS);
    },
  );
});

/** A device that gets one key after the other while the HSM is in trouble. */
async function rekeying(): Promise<Rekeys> {
  const desk = await world.caller('desk');
  return new Rekeys(desk, world.publicKeys.identity, await world.owner(), 1);
}

/** The last one that both ends agreed on. */
async function oneKeyWorks(rekeys: Rekeys | undefined): Promise<void> {
  if (rekeys === undefined) return;
  const { device, epoch } = await rekeys.stop();
  expect(rekeys.wrong).toEqual([]);
  expect(rekeys.done).toBeGreaterThan(0);
  const app = await world.caller('app');
  expect(await app.verify({ account: device.account, code: device.code() })).toMatchObject({ verdict: 'accepted' });
  expect(epoch).toBe(rekeys.done + 1);
}

/** New ones for each fault, since a device has so many guesses a minute: derived and imported keys, all algorithms. */
async function people(): Promise<Device[]> {
  const imported = await world.account();
  return Promise.all([
    world.owner(),
    world.owner(),
    world.owner({ algorithm: 'SHA256' }),
    world.owner({ algorithm: 'SHA512' }),
    world.importSeed(imported.name, Buffer.alloc(20, 7), {}),
  ]);
}

const alike = (): Promise<Device[]> => Promise.all(Array.from({ length: HELD_KEYS }, () => world.owner()));

const logs = (): string => readFileSync(world.platform.folder.log('key-derivation-1'), 'utf8');

/** The cause ends when the process is there again. */
async function killed(): Promise<Mend> {
  const mend = faults.killedInCall();
  const service = world.process('key-derivation');
  while (service.state === 'ready') await sleep(2);
  return async () => {
    await mend();
    await service.ready();
  };
}

function tokensAway(): Mend {
  const tokens = world.platform.folder.hsmTokens();
  renameSync(tokens, `${tokens}.away`);
  return async () => renameSync(`${tokens}.away`, tokens);
}

function tokenReplaced(): Mend {
  const theirs = copyWithAnotherMaster(world.platform, mkdtempSync(join(scratch, 'token-')));
  const mend = tokensAway();
  const tokens = world.platform.folder.hsmTokens();
  renameSync(theirs, tokens);
  return async () => {
    renameSync(tokens, theirs);
    await mend();
  };
}

/** The administrator changes the PIN and, a while later, the file; meanwhile the service has to log in again. */
function pinRotated(): Mend {
  const write = changePin(world.platform);
  const mend = faults.sessionClosedUnderOperation(60_000);
  return async () => {
    await mend();
    write();
  };
}
