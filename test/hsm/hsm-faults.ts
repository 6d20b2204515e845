import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '@countersign/local';

/** Ends the fault. A second time does nothing. */
export type Mend = () => Promise<void>;

/** What the hook in the key service can do. `everyMs`: not oftener. */
type HsmFault =
  | { kind: 'slow'; ms: number }
  | { kind: 'sessions-exhausted' | 'handles-gone' | 'handles-renumbered' }
  | { kind: 'session-closed' | 'finalized' | 'killed'; everyMs: number }
  | { kind: 'mechanism-fails'; mechanism: string; value: 'CKR_DEVICE_ERROR' | 'CKR_MECHANISM_INVALID' };

const HOOK = join(ROOT, 'test/hsm/faulty-pkcs11.mjs');

/**
 * Faults of the HSM under replicas of key-derivation that were started with `variables`: SoftHSM is real, the hook stands
 * before it. Each method breaks something at the replica's next HSM call and gives what mends it.
 */
export class HsmFaults implements Disposable {
  private readonly folder = mkdtempSync(join(tmpdir(), 'countersign-hsm-faults-'));
  private readonly file = join(this.folder, 'in-force.json');
  private count = 0;
  private inForce: ({ id: number } & HsmFault)[] = [];

  constructor() {
    this.write();
  }

  /** Environment of each replica that these faults are for. */
  get variables(): Record<string, string> {
    return { NODE_OPTIONS: `--import ${pathToFileURL(HOOK).href}`, HSM_FAULTS_FILE: this.file };
  }

  /** All sessions are closed, and none can be opened (CKR_SESSION_COUNT). */
  sessionsExhausted(): Mend {
    return this.begin({ kind: 'sessions-exhausted' });
  }

  /** Each call takes so long; those under way return when it is mended. */
  slow(ms: number): Mend {
    return this.begin({ kind: 'slow', ms });
  }

  /** The session is closed between C_SignInit and C_Sign. */
  sessionClosedUnderOperation(everyMs: number): Mend {
    return this.begin({ kind: 'session-closed', everyMs });
  }

  /** C_Finalize between C_SignInit and C_Sign. */
  finalizedUnderLoad(everyMs: number): Mend {
    return this.begin({ kind: 'finalized', everyMs });
  }

  /** kill -9 between C_SignInit and C_Sign; once in each replica. */
  killedInCall(): Mend {
    return this.begin({ kind: 'killed', everyMs: 0 });
  }

  /** Whatever uses this mechanism of pkcs11js (`CKM_...`) fails. */
  mechanismFails(mechanism: string, value: 'CKR_DEVICE_ERROR' | 'CKR_MECHANISM_INVALID'): Mend {
    return this.begin({ kind: 'mechanism-fails', mechanism, value });
  }

  /** Keys that the service holds in the HSM's memory: destroyed, or each handle denotes another's key from now on. */
  handlesFlushed(how: 'gone' | 'renumbered'): Mend {
    return this.begin({ kind: `handles-${how}` });
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private begin(fault: HsmFault): Mend {
    const id = (this.count += 1);
    this.inForce.push({ id, ...fault });
    this.write();
    return async () => {
      this.inForce = this.inForce.filter((each) => each.id !== id);
      this.write();
    };
  }

  /** By renaming: the hook never reads half a file. */
  private write(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.inForce));
    renameSync(`${this.file}.new`, this.file);
  }
}
