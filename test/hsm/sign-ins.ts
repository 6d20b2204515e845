import { readFileSync } from 'node:fs';
import { connectBus, type Bus } from '@countersign/bus';
import { Failure, callerSubject, parseCaller, type Verdict } from '@countersign/contracts';
import type { CallerCredentials } from '@countersign/local';
import { Log, Secret, sleep } from '@countersign/runtime';
import type { Device } from '../world/device.js';

const TIMEOUT_MS = 8000; // longer than the platform tries, so that its own answer comes
const PAUSE_MS = 20;
const BETWEEN_GUESSES_MS = 400; // the key service looks at 30 guesses for a device in a minute
const MOST_LEFT = 4; // of five, after one wrong code that follows a right one
const WINDOW = 20;

type Expected = Partial<Pick<Verdict, 'verdict' | 'reason' | 'device' | 'attemptsLeft'>>;

/**
 * People who sign in without end, each by questions one after the other: a fresh code, the same again, and a code that
 * their neighbour's device shows now. Every verdict is compared with what it must be; after a failure the same is asked
 * again, since a failure decides nothing. Questions are single messages: nothing is retried underneath.
 */
export class SignIns {
  /** verdicts that are not what they must be, in words */
  readonly wrong: string[] = [];
  /** by code */
  readonly failures = new Map<string, number>();
  verdicts = 0;
  private stopped = false;
  private untilMs = Infinity;
  private readonly work: Promise<void>[];
  /** for each device, when the latest question that got a verdict was asked (performance.now) */
  private readonly served = new Map<Device, { askedAt: number; answeredAt: number }>();

  private constructor(
    private readonly bus: Bus,
    private readonly subject: string,
    private readonly devices: Device[],
  ) {
    this.work = devices.map((device, at) => this.signIn(device, devices[(at + 1) % devices.length] as Device));
  }

  static async start({ servers, caller, nkeySeedFile }: CallerCredentials, devices: Device[]): Promise<SignIns> {
    const nkeySeed = Secret.fromText(readFileSync(nkeySeedFile, 'utf8').trim());
    const bus = await connectBus({ servers, identity: caller, nkeySeed, log: new Log(caller, 'error') });
    return new SignIns(bus, callerSubject(parseCaller(caller), 'verify'), devices);
  }

  /** Waits until each device has a verdict on a question asked from now on; how long each waited, ms. */
  async allServed(withinMs: number): Promise<number[]> {
    const fromMs = performance.now();
    const waited = (device: Device): number | undefined => {
      const last = this.served.get(device);
      return last && last.askedAt >= fromMs ? last.answeredAt - fromMs : undefined;
    };
    const first = new Map<Device, number>();
    while (first.size < this.devices.length && performance.now() - fromMs < withinMs) {
      await sleep(2);
      for (const device of this.devices) {
        const ms = waited(device);
        if (ms !== undefined && !first.has(device)) first.set(device, ms);
      }
    }
    return this.devices.map((device) => first.get(device) ?? Infinity);
  }

  /** What has no verdict some seconds later is `wrong`, too. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.untilMs = performance.now() + TIMEOUT_MS;
    await Promise.all(this.work);
    await this.bus.close();
  }

  private async signIn(device: Device, neighbour: Device): Promise<void> {
    let guessedAt = performance.now();
    while (!this.stopped) {
      const code = device.code();
      await this.ask(device, code, { verdict: 'accepted', device: device.id });
      await this.ask(device, code, { verdict: 'rejected', reason: 'replayed' });
      const guess = neighbour.codeAt(neighbour.next);
      if (performance.now() - guessedAt < BETWEEN_GUESSES_MS || this.shows(device, guess)) continue;
      guessedAt = performance.now();
      await this.ask(device, guess, { verdict: 'rejected', reason: 'wrong_code', attemptsLeft: MOST_LEFT });
    }
  }

  /** Asks until there is a verdict; also after `stop`, so that no question is left without one. */
  private async ask(device: Device, code: string, expected: Expected): Promise<void> {
    while (performance.now() < this.untilMs) {
      const askedAt = performance.now();
      try {
        const verdict = await this.bus.request<Verdict>(this.subject, { account: device.account, code }, TIMEOUT);
        this.served.set(device, { askedAt, answeredAt: performance.now() });
        this.verdicts += 1;
        const differs = (Object.keys(expected) as (keyof Expected)[]).some((key) => verdict[key] !== expected[key]);
        if (differs) this.wrong.push(`${JSON.stringify(verdict)} instead of ${JSON.stringify(expected)}`);
        return;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        this.failures.set(error.code, (this.failures.get(error.code) ?? 0) + 1);
        await sleep(PAUSE_MS);
      }
    }
    this.wrong.push(`no verdict in the end instead of ${JSON.stringify(expected)}`);
  }

  private shows(device: Device, code: string): boolean {
    return Array.from({ length: 2 * WINDOW }, (_, at) => device.next - WINDOW + at).some(
      (counter) => counter >= 0 && device.codeAt(counter) === code,
    );
  }
}

const TIMEOUT = { timeoutMs: TIMEOUT_MS };
