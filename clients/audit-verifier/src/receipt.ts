import { HASH_BYTES, TlogError, checkInclusion, leafHash } from '@countersign/tlog';
import type { TreeHead, VerifierKey } from '@countersign/tlog';
import { readEntry } from './entry.js';
import type { Entry } from './entry.js';
import type { Finding } from './finding.js';
import { openPinned } from './open-pinned.js';

export const RECEIPT_FORMAT = 'countersign-receipt-v1';

/** What it takes to check one event offline. */
export interface Receipt {
  format: typeof RECEIPT_FORMAT;
  sequence: number;
  /** `<subject> newline <body>` */
  entry: string;
  /** hashes in base64 */
  proof: string[];
  checkpoint: string;
}

export type Checked =
  { kind: 'right'; sequence: number; entry: Entry; head: TreeHead } | { kind: 'wrong'; finding: Finding };

/** Reads a receipt's text. Throws where it is none; whether it is right is said by checkReceipt. */
export function parseReceipt(text: string): Receipt {
  const value = jsonIn(text) as Partial<Receipt> | null | undefined;
  const isProof = Array.isArray(value?.proof) && value.proof.every((each) => typeof each === 'string');
  const isReceipt = value?.format === RECEIPT_FORMAT && Number.isSafeInteger(value.sequence) && isProof;
  if (!isReceipt || typeof value.entry !== 'string' || typeof value.checkpoint !== 'string')
    throw new Error(`this is no ${RECEIPT_FORMAT}`);
  return value as Receipt;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Checks receipts against one key. A checkpoint that many have in common is opened once. */
export class ReceiptChecker {
  private readonly opened = new Map<string, ReturnType<typeof openPinned>>();

  constructor(private readonly key: VerifierKey) {}

  check({ sequence, entry, proof, checkpoint }: Receipt): Checked {
    const pinned = this.open(checkpoint);
    if (pinned.kind === 'refused') return { kind: 'wrong', finding: pinned.finding };
    const head = pinned.checkpoint;
    const bytes = Buffer.from(entry, 'utf8');
    try {
      checkInclusion(leafHash(bytes), sequence - 1, head, proof.map(hashOf));
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      return { kind: 'wrong', finding: changed(sequence, error.message) };
    }
    return { kind: 'right', sequence, entry: readEntry(bytes), head };
  }

  private open(checkpoint: string): ReturnType<typeof openPinned> {
    const known = this.opened.get(checkpoint) ?? openPinned(checkpoint, this.key);
    this.opened.set(checkpoint, known);
    return known;
  }
}

const changed = (sequence: number, why: string): Finding => ({
  kind: 'changed',
  index: sequence - 1,
  count: 1,
  text: `the event of sequence ${sequence} is not what was signed: ${why}`,
});

/** Only the one way of writing it; what is none has another length, which is refused later. */
function hashOf(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === HASH_BYTES && bytes.toString('base64') === text ? bytes : new Uint8Array();
}
