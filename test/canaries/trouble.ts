import { Failure } from '@countersign/caller';
import { callerSubject, parseCaller, type Verb } from '@countersign/contracts';
import type { Device } from '../world/device.js';
import { rawClient } from '../world/raw-client.js';
import type { World } from '../world/world.js';
import { forEach } from './planted.js';

/** Asks in every way that fails, with right and wrong codes; gives the codes that were sent and the failures met. */
export async function makeTrouble(world: World, devices: readonly Device[]): Promise<Trouble> {
  const trouble = new Trouble(world);
  await trouble.malformed(devices[0]!);
  await trouble.refused(devices[1]!);
  await trouble.locked();
  await trouble.crowd();
  await trouble.withoutRedis(devices.slice(2, 10));
  await trouble.withoutKeys(devices.slice(10, 26));
  return trouble;
}

export class Trouble {
  readonly codes = new Set<string>();
  /** codes of failures, reasons of rejections */
  readonly met = new Set<string>();

  constructor(private readonly world: World) {}

  /** Messages that cannot be read, with codes in them. */
  async malformed(device: Device): Promise<void> {
    const { account } = device;
    const code = this.sent(device.codeAt(0));
    const other = this.sent('90817263');
    const messages: [string, Verb, string][] = [
      ['app', 'verify', `{"account":"${account}","code":"${code}"`],
      ['app', 'verify', JSON.stringify({ account, code, again: code })],
      ['app', 'verify', JSON.stringify({ account, code: ` ${code}` })],
      ['app', 'verify', JSON.stringify({ account: { code }, code })],
      ['app', 'verify', JSON.stringify({ account, code, origin: 'x'.repeat(70_000) })],
      ['app', 'verify', JSON.stringify({ account: code, code: [other] })],
      ['desk', 'device.confirm', JSON.stringify({ account, code })],
      ['desk', 'enroll.exchange', JSON.stringify({ account, type: 'totp', point: code })],
      ['ops', 'device.import', JSON.stringify({ account, type: 'hotp', device: code, point: code, wrapped: code })],
      ['audit', 'audit.events', JSON.stringify({ account: code, after: code })],
    ];
    for (const [caller, verb, text] of messages) await this.send(caller, verb, [text]);
  }

  /** Questions that are well formed and answered with a failure or a rejection. */
  async refused(device: Device): Promise<void> {
    const { account, id } = device;
    const [app, desk, ops] = await Promise.all([
      this.world.caller('app'),
      this.world.caller('desk'),
      this.world.caller('ops'),
    ]);
    const nobody = '0'.repeat(12);
    const code = (): string => this.sent(device.code());
    await this.meet(() => app.verify({ account: 'nobody at all', code: code(), requestId: 'nobody-1' }));
    await this.meet(() => app.verify({ account, code: code(), device: nobody }));
    await this.meet(() => app.verify({ account, code: code() })); // its devices are judged by name only
    await this.meet(() => desk.confirm({ account, device: id, code: code(), requestId: 'confirm-1' }));
    await this.meet(() => desk.confirm({ account, device: nobody, code: code() }));
    await this.meet(() => desk.createAccount({ names: [account] }));
    await this.meet(() => app.unlock({ account }));
    await this.meet(() => app.verify({ account, code: code(), device: id }, { timeoutMs: 1 }));
    const pending = await this.world.enrol(account);
    await this.meet(() => desk.confirm({ account, device: pending.id, code: this.sent(pending.wrongCode()) }));
    await this.meet(() => desk.confirm({ account, device: pending.id, code: this.sent(pending.code()) }));
    await ops.disable({ account, device: pending.id });
    await this.meet(() => app.verify({ account, code: this.sent(pending.code()), device: pending.id }));
    await ops.revoke({ account, device: pending.id });
    await this.meet(() => app.verify({ account, code: this.sent(pending.code()), device: pending.id }));
    for (let more = 0; more < 17; more += 1) await this.meet(() => this.world.enrol(account));
  }

  /** Wrong codes until everybody has to wait, and right ones after. */
  async locked(): Promise<void> {
    const device = await this.world.owner({ digits: 8 });
    const app = await this.world.caller('app');
    for (let attempt = 0; attempt < 8; attempt += 1)
      await this.meet(() => app.verify({ account: device.account, code: this.sent(device.wrongCode()) }));
    await this.meet(() => app.verify({ account: device.account, code: this.sent(device.code()) }));
  }

  /** More at once than an account takes. */
  async crowd(): Promise<void> {
    const device = await this.world.owner();
    const codes = Array.from({ length: 12 }, () => this.sent(device.code()));
    const messages = codes.map((code) => JSON.stringify({ account: device.account, code }));
    await this.send('app', 'verify', messages);
  }

  /** Verdicts while the cache is gone. */
  async withoutRedis(devices: readonly Device[]): Promise<void> {
    const redis = this.world.platform.process('redis');
    await redis.stop();
    await this.ask(devices);
    await redis.start();
  }

  /** Verdicts while the key service dies and is started again. */
  async withoutKeys(devices: readonly Device[]): Promise<void> {
    const keys = this.world.process('key-derivation');
    const asking = this.ask(devices);
    await keys.crash();
    await asking;
    await keys.ready();
  }

  /** Messages as they are, all at once: the client library would ask again until the answer is a better one. */
  private async send(caller: string, verb: Verb, messages: string[]): Promise<void> {
    const client = await rawClient(caller, this.world.platform.callerCredentials('acme', caller));
    const subject = callerSubject(parseCaller(caller), verb);
    const replies = await Promise.all(messages.map((text) => client.request(subject, text, { timeout: 5000 })));
    for (const reply of replies) {
      const { code, reason, verdict } = reply.json<Record<'code' | 'reason' | 'verdict', string>>();
      this.met.add(code ?? reason ?? verdict);
    }
    await client.close();
  }

  private ask(devices: readonly Device[]): Promise<void> {
    return forEach(devices, devices.length, async (device) => {
      const app = await this.world.caller('app');
      const { account, id } = device;
      await this.meet(() => app.verify({ account, device: id, code: this.sent(device.code()) }, PATIENCE));
    });
  }

  private sent(code: string): string {
    this.codes.add(code);
    return code;
  }

  private async meet(asked: () => Promise<unknown>): Promise<void> {
    try {
      const { reason = 'done' } = (await asked()) as { reason?: string };
      this.met.add(reason);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.met.add(error.code);
    }
  }
}

const PATIENCE = { timeoutMs: 300 }; // a failure is wanted, not a second try that succeeds
