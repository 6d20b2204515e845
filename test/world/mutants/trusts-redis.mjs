// A verification where Redis says whether the last code is spent, as many do it; the ledger's state knows only of those
// before it. A code is claimed there, and marked when its acceptance is stored. While Redis forgets nothing, no code is
// accepted twice.
import { patch } from './patch.mjs';

const CLAIM = `
  local by = redis.call('HGET', KEYS[1], 'by')
  if by == 'spent' or (by and by ~= ARGV[1] and ARGV[1] ~= 'spent') then return by end
  redis.call('HSET', KEYS[1], 'by', ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return ARGV[1]`;

const PLACE = `
  async append(event, after) {
    if (this.spent !== undefined)
      for (const device of event.state.devices)
        if (device.id === this.spent.device) device.floor = Math.min(device.floor, this.spent.counter);
    if (event.type !== 'accepted' && event.type !== 'confirmed') return this.appendToLedger(event, after);
    this.claim ??= Math.random().toString(36);
    const by = await this.mark(event, this.claim, 2000);
    if (by === 'spent') this.spent = { device: event.device, counter: event.counter };
    else if (by !== this.claim) await new Promise((resolve) => setTimeout(resolve, 50));
    if (by !== this.claim) return { kind: 'conflict' };
    const appended = await this.appendToLedger(event, after);
    if (appended.kind === 'stored') await this.mark(event, 'spent', 600_000).catch(() => undefined);
    return appended;
  }
  async mark({ device, counter }, by, forMs) {
    globalThis.store ??= this.parts.windows.server.redis
      .duplicate({ commandTimeout: 1000, enableOfflineQueue: true })
      .on('error', () => undefined);
    try {
      const key = ['countersign:spent', device, counter].join(':');
      return await globalThis.store.eval(${JSON.stringify(CLAIM)}, 1, key, by, forMs);
    } catch (cause) {
      throw new Failure('UNAVAILABLE', 'Redis does not say whether this code is spent', { cause });
    }
  }
  believed(reading) {
    if (reading === undefined || this.spent === undefined) return reading;
    const { device, counter } = this.spent;
    const spent = (each) => (each.id === device ? { ...each, floor: Math.max(each.floor, counter + 1) } : each);
    return { ...reading, state: { ...reading.state, devices: reading.state.devices.map(spent) } };
  }
  async appendToLedger(event, after) {`;

patch({
  '/libs/account/dist/outcome.js': [[`device.floor = floor;`, `device.floor = counter;`]],
  '/services/verification/dist/places/account-place.js': [
    [`async append(event, after) {`, PLACE],
    [`return this.notBehind(await this.parts.ledger.account(`, `return this.believed(await this.parts.ledger.account(`],
    [`: this.notBehind(named);`, `: this.believed(named);`],
  ],
});
