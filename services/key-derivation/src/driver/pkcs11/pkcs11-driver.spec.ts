import { createHmac } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import pkcs11js from 'pkcs11js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { counterBytes } from '@countersign/oath';
import { fromBase64url, makeEphemeral, wrapForImport } from '@countersign/pairing';
import { Log, Secret } from '@countersign/runtime';
import { parametersFor } from '../../testing/parameters.js';
import { SoftHsm } from '../../testing/soft-token.js';
import { driverSuite } from '../driver.suite.js';
import { HsmTrouble } from '../hsm-driver.js';
import { connect } from './connection.js';
import { Cryptoki } from './cryptoki.js';
import { labelOf } from '../labels.js';
import { provision } from './exchange.js';
import { Keeper } from './keeper.js';
import type { HeldKey } from './keeper.js';
import { proveKnownAnswers } from './known-answers.js';
import { PinRefused, WrongToken } from './masters.js';
import { PinFile } from './pin-file.js';
import { Pkcs11Driver } from './pkcs11-driver.js';
import type { Pkcs11Settings } from './pkcs11-driver.js';
import { Session } from './session.js';

const silent = new Log('test', 'error', () => undefined);
const clock = { ms: 1_700_000_000_000, now: () => clock.ms };

driverSuite('SoftHSM', async () => {
  const hsm = await SoftHsm.create();
  // two keys held at most, so that every test also runs through eviction
  const settings = { ...hsm.ceremony('suite'), cachedKeys: 2 };
  const driver = Pkcs11Driver.open(settings, clock, silent);
  const end = async () => {
    await driver.close();
    hsm[Symbol.dispose]();
  };
  return { driver, pinned: settings.pinned, end };
});

describe('SoftHSM in trouble', () => {
  let hsm: SoftHsm;
  let settings: Pkcs11Settings;
  let driver: Pkcs11Driver;
  /** the same library in the same process: what happens to it happens to the driver */
  let under: Cryptoki;

  beforeAll(async () => {
    hsm = await SoftHsm.create();
    settings = hsm.ceremony('one');
    under = new Cryptoki(hsm.modulePath);
  });
  afterAll(() => hsm[Symbol.dispose]());
  beforeEach(() => {
    clock.ms += 60_000;
    driver = Pkcs11Driver.open(settings, clock, silent);
  });
  afterEach(() => driver.close());

  const parameters = parametersFor('SHA1');
  const seeds = [1, 2, 3].map((fill) => Buffer.alloc(20, fill));
  const devices = () => Promise.all(seeds.map(async (seed) => ({ seed, reference: await importSeed(seed) })));

  async function importSeed(seed: Buffer): Promise<string> {
    const { pinned } = settings;
    const importing = {
      seed: new Secret(seed),
      parameters,
      importKey: pinned.import,
      pinnedIdentityKey: pinned.identity,
    };
    const { point, wrapped } = wrapForImport(importing);
    const sent = { parameters, wrapped: fromBase64url(wrapped, '') };
    const [imported] = await driver.import({ point: fromBase64url(point, ''), seeds: [sent] });
    if (imported?.kind !== 'imported') throw new Error(imported?.kind);
    return imported.reference;
  }

  const ask = (reference: string) => driver.macs({ kind: 'device', reference, label: labelOf(parameters) }, 7, 1);
  const right = (seed: Buffer) => ({
    kind: 'macs' as const,
    macs: [createHmac('sha1', seed).update(counterBytes(7)).digest()],
  });

  const troubles: [string, () => void][] = [
    ['all sessions are closed', () => under.calls.C_CloseAllSessions(under.slotOf('one')!)],
    ['the login is gone', () => logout()],
    ['the module is finalized', () => under.calls.C_Finalize()],
    [
      'the module is finalized and initialized anew',
      () => {
        under.calls.C_Finalize();
        under.initialize();
      },
    ],
  ];

  function logout(): void {
    const session = under.calls.C_OpenSession(under.slotOf('one')!, pkcs11js.CKF_SERIAL_SESSION);
    under.calls.C_Logout(session);
  }

  test.each(troubles)('%s: nobody notices, and every device is asked by its own key', async (_name, happen) => {
    const known = await devices();
    for (const { seed, reference } of known) expect(await ask(reference)).toEqual(right(seed));
    happen();
    // asked in another order than before: old handles would give another device's key
    for (const { seed, reference } of [...known].reverse()) expect(await ask(reference)).toEqual(right(seed));
  });

  test.each(troubles)('%s: a message is MACed by its own device all the same', async (_name, happen) => {
    const known = await devices();
    const message = Buffer.from('a message of the platform');
    const mac = (reference: string) => driver.mac({ kind: 'device', reference, label: labelOf(parameters) }, message);
    for (const { reference } of known) await mac(reference);
    happen();
    for (const { seed, reference } of [...known].reverse())
      expect(await mac(reference)).toEqual({ kind: 'mac', mac: createHmac('sha1', seed).update(message).digest() });
  });

  test('a token that is gone is UNAVAILABLE until it is back', async () => {
    const [device] = await devices();
    const away = join(hsm.folder, 'away');
    renameSync(hsm.tokens, away);
    under.calls.C_Finalize();
    await expect(ask(device!.reference)).rejects.toBeInstanceOf(HsmTrouble);
    clock.ms += 5000;
    await expect(ask(device!.reference)).rejects.toBeInstanceOf(HsmTrouble);
    renameSync(away, hsm.tokens);
    await expect(ask(device!.reference)).rejects.toThrow('not back yet'); // it is not asked all the time
    clock.ms += 5000;
    expect(await ask(device!.reference)).toEqual(right(device!.seed));
  });

  test('a session that failed in the middle of an operation is not lent again', () => {
    const { sessions, masters } = connect(under, settings, 0);
    const receipts = masters.versions.receipts.get(1)?.handle;
    const mac = () => sessions.use((session) => session.hmac('SHA256', receipts!, Buffer.from('x')));
    const before = mac();
    const fail = () =>
      sessions.use((session) => {
        under.calls.C_SignInit(session.handle, { mechanism: pkcs11js.CKM_SHA256_HMAC }, receipts!);
        throw new Error('failed in the middle');
      });
    expect(fail).toThrow('in the middle');
    expect(mac()).toEqual(before); // the same session would say CKR_OPERATION_ACTIVE
  });

  test("a handle that denotes another device's key by now is found out", async () => {
    const [one, two] = await devices();
    await ask(one!.reference);
    const held = jest.spyOn(Keeper.prototype, 'key');
    await ask(one!.reference);
    const { handle } = held.mock.results[0]!.value as HeldKey;
    const { proof } = (await ask(two!.reference), held.mock.results[1]!.value as HeldKey);
    held.mockReturnValueOnce({ handle, proof }); // what is held for two is the key of one
    expect(await ask(two!.reference)).toEqual(right(two!.seed));
    expect(held).toHaveBeenCalledTimes(4); // the last on a new connection
    held.mockRestore();
  });

  test('no key is made from a master whose handle denotes another by now', () => {
    const { sessions, masters } = connect(under, settings, 0);
    const exchange = { parameters, point: makeEphemeral().point };
    masters.versions.devices.set(1, masters.versions.storage.get(1)!);
    expect(() => sessions.use((session) => provision(session, masters, exchange))).toThrow('another key');
  });

  test('a question that takes too long is given up, and the connection kept', async () => {
    const [device] = await devices();
    await ask(device!.reference);
    const hmac = jest.spyOn(Session.prototype, 'hmac').mockImplementation(() => {
      clock.ms += 600;
      return Buffer.alloc(20);
    });
    const login = jest.spyOn(PinFile.prototype, 'login');
    const key = { kind: 'device', reference: device!.reference, label: labelOf(parameters) } as const;
    await expect(driver.macs(key, 0, 14)).rejects.toThrow('too long');
    expect(hmac).toHaveBeenCalledTimes(2);
    hmac.mockRestore();
    expect(await ask(device!.reference)).toEqual(right(device!.seed));
    expect(login).not.toHaveBeenCalled();
    login.mockRestore();
  });

  const lies: [string, keyof Session, (session: Session) => unknown][] = [
    [
      'another HMAC',
      'hmac',
      (session) =>
        (...args: Parameters<Session['hmac']>) =>
          session.hmac(...args).fill(1),
    ],
    [
      'another signature',
      'sign',
      (session) =>
        (...args: Parameters<Session['sign']>) =>
          session.sign(...args).fill(1),
    ],
  ];
  test.each(lies)('a token that computes %s than is known is not used', (_name, method, lie) => {
    const { sessions, masters } = connect(under, settings, 0);
    sessions.use((session) => {
      proveKnownAnswers(session, masters, settings.pinned);
      const lying = Object.create(session, { [method]: { value: lie(session) } }) as Session;
      expect(() => proveKnownAnswers(lying, masters, settings.pinned)).toThrow(WrongToken);
    });
  });

  test('a refusal that passes is not blamed on the blob', async () => {
    const [device] = await devices();
    const { calls } = under;
    const unwrap = jest.spyOn(Session.prototype, 'unwrap');
    unwrap.mockImplementationOnce(() => calls.C_DestroyObject(Buffer.alloc(8), Buffer.alloc(8)) as never);
    expect(await ask(device!.reference)).toEqual(right(device!.seed));
    unwrap.mockRestore();
  });

  test('provision and import leave no object behind, also when the import does not open', async () => {
    const count = () => {
      const session = under.calls.C_OpenSession(under.slotOf('one')!, pkcs11js.CKF_SERIAL_SESSION);
      under.calls.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_TOKEN, value: false }]);
      const found = under.calls.C_FindObjects(session, 1000).length;
      under.calls.C_FindObjectsFinal(session);
      under.calls.C_CloseSession(session);
      return found;
    };
    const before = count();
    const { point } = makeEphemeral();
    await driver.provision({ parameters, point });
    await driver.import({ point, seeds: [{ parameters, wrapped: Buffer.alloc(32) }] });
    const [device] = await devices();
    expect(count()).toBe(before);
    await ask(device!.reference);
    expect(count()).toBe(before + 1); // the one key that is held for the next question
  });

  test('what leaves the token is nothing: no held key and no master can be read or wrapped', async () => {
    const [device] = await devices();
    await ask(device!.reference);
    const session = under.calls.C_OpenSession(under.slotOf('one')!, pkcs11js.CKF_SERIAL_SESSION);
    const { calls } = under;
    calls.C_FindObjectsInit(session, [{ type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_SECRET_KEY }]);
    const keys = calls.C_FindObjects(session, 100);
    calls.C_FindObjectsFinal(session);
    expect(keys.length).toBe(6); // four masters, a copy of one, and one device key
    for (const key of keys) {
      expect(() => calls.C_GetAttributeValue(session, key, [{ type: pkcs11js.CKA_VALUE }])).toThrow('SENSITIVE');
      const flags = [pkcs11js.CKA_SENSITIVE, pkcs11js.CKA_EXTRACTABLE, pkcs11js.CKA_PRIVATE].map((type) => ({ type }));
      expect(calls.C_GetAttributeValue(session, key, flags).map(({ value }) => value[0])).toEqual([1, 0, 1]);
    }
  });
});

describe('a token that is not the pinned one', () => {
  let hsm: SoftHsm;
  let settings: Pkcs11Settings;
  beforeAll(async () => {
    hsm = await SoftHsm.create();
    settings = hsm.ceremony('one');
  });
  afterAll(() => hsm[Symbol.dispose]());

  const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
  const wrongs: [string, (pinned: Pkcs11Settings['pinned']) => void, string][] = [
    ['a check value', (p) => (p.checkValues['devices-1'] = '00'.repeat(16)), 'devices-1 is another key'],
    ['the identity key', (p) => (p.identity = flip(p.identity)), 'identity-1 is another key'],
    ['the audit key', (p) => (p.audit = flip(p.audit)), 'audit-1 is another key'],
    ['the import key', (p) => (p.import.point = flip(p.import.point)), 'import-1 is another key'],
    ['a master that is not there', (p) => (p.checkValues['devices-2'] = '00'.repeat(16)), 'no secret key'],
    ['a master too few', (p) => delete p.checkValues['receipts-1'], 'no check value is pinned'],
    ['a name that is no master', (p) => (p.checkValues['sesame-1'] = '00'.repeat(16)), 'is no master'],
  ];

  test.each(wrongs)('%s differs: it does not open', (_name, change, reason) => {
    const pinned = structuredClone(settings.pinned);
    change(pinned);
    const open = () => Pkcs11Driver.open({ ...settings, pinned }, clock, silent);
    expect(open).toThrow(WrongToken);
    expect(open).toThrow(reason);
  });

  test('a wrong PIN is refused by name, and not shown', () => {
    const open = () =>
      Pkcs11Driver.open({ ...settings, pin: hsm.pinFile(Secret.fromText('not-the-pin')) }, clock, silent);
    expect(open).toThrow(PinRefused);
    expect(open).not.toThrow('not-the-pin');
  });

  test("a token with another ceremony's keys under the same label is not taken for it", async () => {
    const other = await SoftHsm.create();
    try {
      const theirs = other.ceremony('one');
      const open = () => Pkcs11Driver.open({ ...theirs, pinned: settings.pinned }, clock, silent);
      expect(open).toThrow('another key');
    } finally {
      other[Symbol.dispose]();
    }
  });
});
