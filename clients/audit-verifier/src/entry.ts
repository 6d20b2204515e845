/** What an entry says of itself; the sequence is its place in the log, plus one. */
export interface Entry {
  subject: string;
  /** undefined where the body is no JSON object */
  event: Record<string, unknown> | undefined;
  /** the sequence of the entry before it on the same subject, 0 for the first; undefined for what follows none */
  after: number | undefined;
}

const NEWLINE = 0x0a;

/** `<subject> newline <body>`. */
export function readEntry(bytes: Uint8Array): Entry {
  const at = bytes.indexOf(NEWLINE);
  const subject = Buffer.from(bytes.subarray(0, at < 0 ? bytes.length : at)).toString('utf8');
  const event = at < 0 ? undefined : objectIn(bytes.subarray(at + 1));
  const after = event?.['after'];
  return { subject, event, after: Number.isSafeInteger(after) ? (after as number) : undefined };
}

function objectIn(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
