import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { Secret, SystemRandom } from '@countersign/runtime';
import type { PublicKeys } from '@countersign/contracts';
import { holdCeremony } from '../ceremony/hold-ceremony.js';
import type { Pkcs11Settings } from '../driver/pkcs11/index.js';
import { PinFile } from '../driver/pkcs11/pin-file.js';

/** A SoftHSM of its own in a temporary folder, with one token for each ceremony held in it. Tests only. */
export class SoftHsm implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'countersign-hsm-'));
  readonly tokens = join(this.folder, 'tokens');
  readonly modulePath: string;

  private constructor() {
    const servers = new URL('../../../../.countersign/runtime/servers.json', import.meta.url);
    this.modulePath = (JSON.parse(readFileSync(servers, 'utf8')) as { softhsmModule: string }).softhsmModule;
    mkdirSync(this.tokens);
    const lines = [`directories.tokendir = ${this.tokens}`, 'objectstore.backend = file', 'log.level = ERROR'];
    writeFileSync(this.configuration, lines.join('\n') + '\n');
  }

  static async create(): Promise<SoftHsm> {
    const hsm = new SoftHsm();
    await setRealEnvironment('SOFTHSM2_CONF', hsm.configuration);
    return hsm;
  }

  get configuration(): string {
    return join(this.folder, 'softhsm2.conf');
  }

  /** Makes a token with fresh masters, as `countersign init` does. */
  ceremony(tokenLabel: string): Pkcs11Settings {
    const [pin, soPin] = [randomPin(), randomPin()];
    const publicFile = join(this.folder, `${tokenLabel}.public.json`);
    const { modulePath } = this;
    const { publicKeys } = holdCeremony({ modulePath, tokenLabel, pin, soPin, publicFile });
    return { modulePath, tokenLabel, pin: this.pinFile(pin), pinned: publicKeys satisfies PublicKeys, cachedKeys: 64 };
  }

  /** A file with this PIN. */
  pinFile(pin: Secret): PinFile {
    const path = join(this.folder, `${new SystemRandom().bytes(6).toString('hex')}.pin`);
    writeFileSync(path, pin.reveal());
    return new PinFile(path);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const randomPin = (): Secret => Secret.fromText(new SystemRandom().bytes(12).toString('hex'));

/**
 * SoftHSM reads its environment with getenv, but Jest gives tests a copy of process.env that writes nowhere. A worker
 * that shares the real one sets it.
 */
async function setRealEnvironment(name: string, value: string): Promise<void> {
  const code = `process.env[${JSON.stringify(name)}] = ${JSON.stringify(value)}`;
  const worker = new Worker(code, { eval: true, env: SHARE_ENV });
  await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
}
