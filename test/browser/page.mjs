// Runs in the browser: one step, named in the address, and posts what came of it.
/* eslint-disable @typescript-eslint/no-unsafe-call -- the linter does not know the browser's own objects */
import { BrowserDevices, activate, attest, byText, confirmFirst, fromOtpauth, pair, rekey } from '@countersign/device';
import { hide, parseInvitation, readPin } from '@countersign/pairing/portable';
import { WebRandom } from '@countersign/runtime/portable';

/** @type {{ location: { href: string } }} */
const { location } = /** @type {any} */ (globalThis);
const given = new URL(location.href).searchParams;
const text = (/** @type {string} */ name) => given.get(name) ?? '';
const random = new WebRandom();

const post = async (/** @type {string} */ path, /** @type {string} */ body) =>
  (await fetch(path, { method: 'POST', body })).text();
const carrier = byText((message) => post('/carry', message), random);
const hex = (/** @type {Uint8Array} */ bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** @param {'totp' | 'hotp'} type */
const described = (type) => ({
  ...{ tenant: 'acme', account: '0123456789abcdefghjk', device: type.padEnd(12, '0'), epoch: 1 },
  profile: { type, algorithm: /** @type {const} */ ('SHA1'), digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 },
});
const rfcKey = () => hide(new TextEncoder().encode('12345678901234567890'));

/** @type {Record<string, (devices: BrowserDevices) => Promise<unknown>>} */
const steps = {
  async keep(devices) {
    const key = rfcKey();
    const totp = await devices.keep(described('totp'), key);
    const hotp = await devices.keep(described('hotp'), rfcKey());
    const again = await devices.keep(described('hotp'), rfcKey()).catch((/** @type {Error} */ error) => error.message);
    const side = await Promise.all([hotp.showCode(0), hotp.showCode(0), hotp.showCode(0)]);
    return {
      again,
      left: hex(key.reveal()),
      moment: (await totp.showCode(59_000)).code,
      counters: side.map(({ code }) => code).sort(),
    };
  },

  async restarted(devices) {
    const hotp = await devices.get(described('hotp').device);
    const shown = await hotp.showCode(0);
    await hotp.keepNext(2, hide(new Uint8Array(20).fill(7)));
    const next = await hotp.next();
    await hotp.settle('next');
    const after = await devices.get(hotp.description.device);
    return {
      list: await devices.list(),
      fourth: shown.code,
      epochs: [hotp, next, after].map((device) => device?.description.epoch),
      codes: [(await next?.showCode(0))?.code, (await after.showCode(0)).code],
      old: await hotp.showCode(0).catch((/** @type {Error} */ error) => error.message),
    };
  },

  async key() {
    const row = await stolenRow(described('totp').device);
    const exported = await crypto.subtle.exportKey('raw', row.present.key).catch((/** @type {Error} */ e) => e.name);
    return { extractable: row.present.key.extractable, exported, plain: JSON.stringify(row.present) };
  },

  async twoStep() {
    const { phonePart, key } = await fromOtpauth(text('uri'), random);
    return { phonePart, key: hex(key.reveal()) };
  },

  async pair(devices) {
    const invitation = parseInvitation(text('invitation'));
    if (invitation.kind !== 'pair') throw new Error('not an invitation to pair');
    const keep = devices.keep.bind(devices);
    const outcome = await pair(carrier, invitation, readPin(text('pin')), { keep, random });
    if (outcome.kind === 'refused') return outcome;
    const { device, sessionKey } = outcome;
    const verdict = await confirmFirst(carrier, device, 0);
    return { kind: 'paired', device: device.description.device, sessionBytes: sessionKey.reveal().length, verdict };
  },

  async activate(devices) {
    const invitation = parseInvitation(text('invitation'));
    if (invitation.kind !== 'activate') throw new Error('not an invitation to activate');
    const device = await activate(carrier, invitation, { keep: devices.keep.bind(devices), random });
    return { device: device.description.device, verdict: await confirmFirst(carrier, device, 0) };
  },

  async rekey(devices) {
    const device = await devices.get(text('device'));
    const verdict = await rekey(carrier, device, { random, nowMs: 0 });
    const { epoch, status } = await attest(carrier, await devices.get(text('device')), random);
    return { verdict, epoch, status };
  },

  async code(devices) {
    const device = await devices.get(text('device'));
    return device.showCode(0);
  },

  async readme(devices) {
    const program = '/readme.js'; // no file that the compiler could look into
    const { enrol, show } = await import(program);
    const before = await devices.list();
    const verdict = await enrol(text('invitation'), text('pin'));
    const [made = ''] = (await devices.list()).filter((id) => !before.includes(id));
    return { verdict, code: await show(made) };
  },
};

/**
 * What a script that got into the page would find.
 * @param {string} device @returns {Promise<any>}
 */
function stolenRow(device) {
  const { indexedDB } = /** @type {any} */ (globalThis);
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('countersign-devices', 1);
    opening.onerror = reject;
    opening.onsuccess = () => {
      const rows = opening.result.transaction('devices').objectStore('devices');
      const asked = rows.get(device);
      asked.onsuccess = () => resolve(asked.result);
    };
  });
}

try {
  const devices = await BrowserDevices.open();
  const step = steps[text('step')];
  if (!step) throw new Error('no such step');
  await post('/result', JSON.stringify(await step(devices)));
} catch (error) {
  await post('/result', JSON.stringify({ error: String(error) }));
}
