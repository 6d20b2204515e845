import { isPublicKeys } from '@countersign/contracts';
import type { PublicKeys } from '@countersign/contracts';
import { Environment, reasonOf } from '@countersign/runtime';
import type { LogLevel } from '@countersign/runtime';
import { NOBODY, PinnedRecipients } from './challenges/recipients.js';
import type { Recipients } from './challenges/recipients.js';
import { MIN_PIN_BYTES, PinFile } from './driver/pkcs11/pin-file.js';

/** What key-derivation is told at its start. SOFTHSM2_CONF, where SoftHSM is used, is SoftHSM's own. */
export class Config {
  /** path of the PKCS#11 module */
  readonly modulePath: string;
  readonly tokenLabel: string;
  /** read at each login, so that a changed PIN needs no restart */
  readonly pin: PinFile;
  /** public.json of the ceremony: a token with other keys is refused, so that no replica answers from another's */
  readonly pinned: PublicKeys;
  /** first line of every checkpoint, and the name of the key that signs it (C2SP tlog-checkpoint) */
  readonly auditOrigin: string;
  /** ISSUE_RECIPIENTS_FILE: whom codes are sealed to, and nobody else; read again when it changes */
  readonly recipients: Recipients;
  /** device keys held in the HSM's memory, about 9 KB each: bounds that memory */
  readonly cachedKeys: number;
  /** requests at once; more are UNAVAILABLE instead of a growing queue */
  readonly maxInFlight: number;
  readonly logLevel: LogLevel;

  /** Collects problems in `environment`; whoever made it calls finish(). */
  constructor(environment: Environment) {
    this.modulePath = environment.text('HSM_MODULE', 'the path of a PKCS#11 module, e.g. libsofthsm2.so');
    this.tokenLabel = environment.text('HSM_TOKEN_LABEL', 'the label of the token, 1 to 32 visible characters', {
      pattern: /^[\x21-\x7e]{1,32}$/,
    });
    const pinRule = `a PIN of at least ${MIN_PIN_BYTES} characters`;
    this.pin = new PinFile(environment.secretPath('HSM_PIN_FILE', pinRule, { minBytes: MIN_PIN_BYTES }));
    this.pinned = environment.jsonFile('HSM_PUBLIC_FILE', 'public.json as the ceremony wrote it', isPublicKeys);
    this.auditOrigin = environment.text('AUDIT_ORIGIN', 'a name like example.org/countersign, without blanks or +', {
      pattern: /^[^\s+]{1,128}$/,
    });
    this.recipients = environment.has('ISSUE_RECIPIENTS_FILE') ? recipientsOf(environment) : NOBODY;
    this.cachedKeys = environment.integer('HSM_CACHED_KEYS', {
      unit: 'keys',
      min: 1,
      max: 1_000_000,
      fallback: 16_384,
    });
    this.maxInFlight = environment.integer('MAX_IN_FLIGHT', { unit: 'requests', min: 1, max: 10_000, fallback: 256 });
    this.logLevel = environment.logLevel();
  }
}

function recipientsOf(environment: Environment): Recipients {
  const path = environment.text(
    'ISSUE_RECIPIENTS_FILE',
    'the path of a JSON list of recipients, each csrec1.<name>.<point>',
  );
  try {
    return new PinnedRecipients(path);
  } catch (error) {
    return environment.problem(
      'ISSUE_RECIPIENTS_FILE',
      `points to ${path}, which is no list of recipients: ${reasonOf(error)}`,
      NOBODY,
    );
  }
}
