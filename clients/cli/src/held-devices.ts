import type { DeviceDescription } from '@countersign/device';
import { SoftwareDevice } from '@countersign/device/node';
import type { Hidden } from '@countersign/pairing';
import type { StateFolder } from '@countersign/local';
import { Secret, SystemRandom } from '@countersign/runtime';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Unusable } from './exit.js';

const OWNER_ONLY_FOLDER = 0o700;
const OWNER_ONLY_FILE = 0o600;
const PASSPHRASE_BYTES = 24;
const LONGEST_NAME = 120; // a file system takes 255 bytes
const LITTLE_SCRYPT = 2 ** 10; // stretching adds nothing to 192 random bits

/** Whose device: the tenant, and the account by the name it was enrolled under. */
export interface Owner {
  tenant: string;
  account: string;
}

/**
 * Software devices in a state folder: `devices/<tenant>/of-<account>/<device>.json`, mode 0600.
 *
 * A device file is always encrypted. Without --passphrase-file its passphrase is drawn once and kept beside the devices
 * (`devices/passphrase`, 0600), so that a development platform asks nobody for anything; that protects no more than the
 * file mode does. For a device that matters give a passphrase of your own.
 */
export class HeldDevices {
  constructor(
    private readonly folder: StateFolder,
    private readonly passphraseFile?: string,
  ) {}

  /** Writes the device's file; returns its path. Throws DeviceError 'exists'. */
  keep(owner: Owner, description: DeviceDescription, key: Hidden): string {
    const path = join(this.folderOf(owner), `${description.device}.json`);
    mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
    using passphrase = this.passphrase();
    const options = this.passphraseFile === undefined ? { scryptCost: LITTLE_SCRYPT } : {};
    SoftwareDevice.save(path, description, key, passphrase, options);
    return path;
  }

  /** Opens the one device of that account, or the one named. Throws Unusable saying which there are. */
  open(owner: Owner, device?: string): SoftwareDevice {
    const held = this.list(owner);
    const chosen = device === undefined ? held : held.filter((each) => each === device);
    if (chosen.length === 0)
      throw new Unusable(
        held.length === 0
          ? `no device of ${owner.account} is held here; enrol one: countersign enroll ${owner.account}`
          : `device ${device} is not held here; there are ${held.join(', ')}`,
      );
    if (chosen.length > 1)
      throw new Unusable(`several devices are held here; choose with --device: ${held.join(', ')}`);
    using passphrase = this.passphrase();
    return SoftwareDevice.open(join(this.folderOf(owner), `${chosen[0]}.json`), passphrase);
  }

  /** Of a device that is no good any more, if it is held here. */
  forget(owner: Owner, device: string): void {
    rmSync(join(this.folderOf(owner), `${device}.json`), { force: true });
  }

  private list(owner: Owner): string[] {
    const folder = this.folderOf(owner);
    if (!existsSync(folder)) return [];
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return files.map((name) => basename(name, '.json'));
  }

  private folderOf({ tenant, account }: Owner): string {
    const plain = encodeURIComponent(account);
    const digest = (): string => createHash('sha256').update(account).digest('hex').slice(0, 32);
    const name = plain.length <= LONGEST_NAME ? plain : `${plain.slice(0, LONGEST_NAME / 2)}~${digest()}`;
    return join(this.folder.devices(), encodeURIComponent(tenant), `of-${name}`);
  }

  private passphrase(): Secret {
    const path = this.passphraseFile ?? this.drawnPassphrase();
    const bytes = readFileSync(path);
    const end = bytes.findLastIndex((byte) => byte !== 10 && byte !== 13) + 1;
    if (end === 0) throw new Unusable(`${path} holds no passphrase`);
    const passphrase = new Secret(bytes.subarray(0, end));
    bytes.fill(0);
    return passphrase;
  }

  private drawnPassphrase(): string {
    const path = join(this.folder.devices(), 'passphrase');
    if (existsSync(path)) return path;
    mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
    const text = new SystemRandom().bytes(PASSPHRASE_BYTES).toString('base64url');
    writeFileSync(path, text, { mode: OWNER_ONLY_FILE, flag: 'wx' });
    return path;
  }
}
