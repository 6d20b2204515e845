import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Failure, type Countersign } from '@countersign/caller';
import { SERVICES, type EventView, type ServiceName } from '@countersign/contracts';
import type { Device } from '../world/device.js';
import { World } from '../world/world.js';

const DEVICES = 4;
const AFTER_RESTART_MS = 2000;

interface Answered {
  device: Device;
  counter: number;
  verdict: string;
  sequence: number;
}

/** Owners that sign in one code after the other, each code twice, until told to stop. */
class Stream {
  readonly answered: Answered[] = [];
  readonly failures: Failure[] = [];
  lastAnswerAt = 0;
  private stopped = false;
  private readonly work: Promise<void>[];

  constructor(
    private readonly app: Countersign,
    devices: Device[],
  ) {
    this.work = devices.map((device) => this.signIn(device));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.work);
  }

  private async signIn(device: Device): Promise<void> {
    while (!this.stopped) {
      const counter = device.next;
      const code = device.code();
      await this.ask(device, counter, code);
      await this.ask(device, counter, code);
    }
  }

  private async ask(device: Device, counter: number, code: string): Promise<void> {
    try {
      const { verdict, sequence } = await this.app.verify({ account: device.account, code }, { timeoutMs: 1000 });
      this.answered.push({ device, counter, verdict, sequence });
      this.lastAnswerAt = performance.now();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.failures.push(error);
      device.next = counter; // nothing is known: show the same code again
    }
  }
}

const settled = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('kill -9 in the middle of a stream of verifies', () => {
  let world: World;
  let app: Countersign;

  beforeAll(async () => {
    world = await World.start({ restarts: 'never', replicas: { delivery: 1 } });
    app = await world.caller('app');
  });
  afterAll(() => world.stop());

  test.each(SERVICES)('%s: nothing wrong, nothing twice, answering again within 2 s', async (service: ServiceName) => {
    const devices = await Promise.all(Array.from({ length: DEVICES }, () => world.owner()));
    const stream = new Stream(app, devices);
    await settled(500);
    await world.process(service).stop('SIGKILL');
    await settled(300);
    await world.process(service).start();
    const restartedAt = performance.now();
    const before = stream.answered.length;
    while (stream.answered.length < before + DEVICES && performance.now() - restartedAt < 2 * AFTER_RESTART_MS)
      await settled(10);
    expect(performance.now() - restartedAt).toBeLessThan(AFTER_RESTART_MS);
    await settled(300);
    await stream.stop();

    const accepted = stream.answered.filter(({ verdict }) => verdict === 'accepted');
    const codes = accepted.map(({ device, counter }) => `${device.id} ${counter}`);
    expect(new Set(codes).size).toBe(codes.length);
    for (const device of devices)
      expect(await inLedger(device)).toEqual(expect.arrayContaining(ofDevice(accepted, device)));
    for (const { code } of stream.failures) expect(['UNAVAILABLE', 'BUSY', 'OUTCOME_UNKNOWN']).toContain(code);
  });

  const ofDevice = (accepted: Answered[], device: Device): number[] =>
    accepted.filter((answer) => answer.device === device).map(({ sequence }) => sequence);

  /** Sequences of the acceptances that the ledger holds; also that none is there twice. */
  async function inLedger(device: Device): Promise<number[]> {
    const audit = await world.caller('audit');
    const events: EventView[] = [];
    for (let after = 0, more = true; more;) {
      const page = await audit.events({ account: device.account, after });
      events.push(...page.events);
      ({ more, next: after } = page);
    }
    const acceptances = events.filter((event) => event.type === 'accepted');
    const counters = acceptances.map(({ counter }) => counter);
    expect(new Set(counters).size).toBe(counters.length);
    return acceptances.map(({ sequence }) => sequence);
  }
});
