import { readFileSync, statSync } from 'node:fs';
import { Failure } from '@countersign/contracts';
import { checkPoint } from '@countersign/pairing';
import { parseRecipient } from '@countersign/sealing';
import type { Recipient } from '@countersign/sealing';

/** To whom something may be sealed, and to nobody else. */
export interface Recipients {
  /** undefined: nobody is pinned under this name, or it is another tenant's. */
  find(name: string, tenant: string): Recipient | undefined;
}

/** A name with a tenant before it is for that tenant alone; one without is the platform's. */
const isFor = (tenant: string, name: string): boolean => !name.includes('/') || name.startsWith(`${tenant}/`);

/** Reads a JSON list of `csrec1.<name>.<point>`. Throws Error that names what is wrong. */
export function readRecipients(json: string): Map<string, Recipient> {
  const lines: unknown = JSON.parse(json);
  if (!Array.isArray(lines)) throw new Error('not a list');
  const recipients = new Map<string, Recipient>();
  for (const [at, line] of (lines as unknown[]).entries()) {
    if (typeof line !== 'string') throw new Error(`entry ${at} is no text`);
    const recipient = parseRecipient(line);
    if (recipients.has(recipient.name)) throw new Error(`${recipient.name} is there twice`);
    checkPoint(recipient.point);
    recipients.set(recipient.name, recipient);
  }
  return recipients;
}

/** Those of a file, which is read again when it has changed: a recipient is added without a restart. */
export class PinnedRecipients implements Recipients {
  private read: { stamp: string; recipients: Map<string, Recipient> };

  /** Throws Error that names what is wrong with the file. */
  constructor(private readonly path: string) {
    this.read = { stamp: this.stamp(), recipients: readRecipients(readFileSync(path, 'utf8')) };
  }

  /** Throws UNAVAILABLE while the file cannot be read: what it said before may have been taken back. */
  find(name: string, tenant: string): Recipient | undefined {
    if (!isFor(tenant, name)) return undefined;
    try {
      const stamp = this.stamp();
      if (stamp !== this.read.stamp) this.read = { stamp, recipients: readRecipients(readFileSync(this.path, 'utf8')) };
    } catch (error) {
      throw new Failure('UNAVAILABLE', 'the list of recipients cannot be read; nothing was issued', { cause: error });
    }
    return this.read.recipients.get(name);
  }

  private stamp(): string {
    const { mtimeMs, size, ino } = statSync(this.path);
    return [mtimeMs, size, ino].join();
  }
}

export const NOBODY: Recipients = { find: () => undefined };
