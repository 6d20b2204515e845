import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { headers as newHeaders } from '@nats-io/nats-core';
import {
  DIRECTORY_STREAM,
  Failure,
  directorySubject,
  parseAccountId,
  type AccountId,
  type Tenant,
} from '@countersign/contracts';
import type { Bus } from '@countersign/bus';
import type { Random, Secret } from '@countersign/runtime';
import { StreamReader, type Message } from '../stream-reader.js';

export interface DirectoryParts {
  bus: Bus;
  random: Random;
  /** 32 bytes: under it a name's place is found */
  index: Secret;
  /** 32 bytes: under it names are written and read; without it a directory only finds */
  names?: Secret;
}

/** What a name points to. */
export interface Binding {
  id: AccountId;
  /** the entry's own sequence: what a change of it has to follow */
  sequence: number;
}

interface Entry {
  id: string;
  /** the name: nonce, AES-256-GCM ciphertext and tag, base64url */
  name: string;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const TRIES = 5;

/**
 * Names to accounts. The key of an entry is an HMAC of the name and its value holds the name encrypted, so that who reads
 * the store learns no name. Several names may share an id.
 */
export class Directory {
  private readonly reader: StreamReader;

  constructor(private readonly parts: DirectoryParts) {
    this.reader = new StreamReader(parts.bus, DIRECTORY_STREAM);
  }

  /** The place of a canonical name: HMAC-SHA-256 over tenant and name, base64url. */
  key(tenant: Tenant, canonicalName: string): string {
    // A tenant holds no NUL, so that the pair is unambiguous.
    return createHmac('sha256', this.parts.index.reveal()).update(`${tenant}\0${canonicalName}`).digest('base64url');
  }

  /** From the leader. Undefined: nobody has that name. Throws UNAVAILABLE. */
  async find(tenant: Tenant, canonicalName: string): Promise<Binding | undefined> {
    const message = await this.reader.last(directorySubject(this.key(tenant, canonicalName)));
    return message && bindingOf(message);
  }

  /**
   * Binds a free name to `id`; gives what the name is bound to afterwards, which is another id when somebody was faster.
   * `replace` rebinds an entry (found before) instead. Throws UNAVAILABLE.
   */
  async bind(tenant: Tenant, canonicalName: string, id: AccountId, replace?: Binding): Promise<Binding> {
    const key = this.key(tenant, canonicalName);
    const subject = directorySubject(key);
    const entry: Entry = { id, name: this.seal(canonicalName, key) };
    const data = Buffer.from(JSON.stringify(entry));
    for (let tries = 0; tries < TRIES; tries += 1) {
      const last = await this.reader.last(subject);
      const held = last && bindingOf(last);
      if (held?.id === id) return held;
      if (held !== undefined && held.sequence !== replace?.sequence) return held;
      // Stored, refused or lost: the next look tells, since the id is ours alone.
      const headers = newHeaders();
      headers.set('Nats-Expected-Last-Subject-Sequence', String(last?.sequence ?? 0));
      const answer = await this.parts.bus.ask(subject, data, headers, 2000);
      if (answer.kind === 'refused') throw new Failure('FORBIDDEN', 'NATS does not let this identity bind names');
    }
    throw new Failure('UNAVAILABLE', 'the directory did not take the name');
  }

  /** The name in an entry. Throws UNAVAILABLE when it does not open under this secret. */
  async nameAt(tenant: Tenant, canonicalName: string): Promise<string | undefined> {
    const key = this.key(tenant, canonicalName);
    const message = await this.reader.last(directorySubject(key));
    if (message === undefined || message.operation !== undefined) return undefined;
    return this.unseal((JSON.parse(Buffer.from(message.data).toString('utf8')) as Entry).name, key);
  }

  private seal(name: string, key: string): string {
    const nonce = this.parts.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.nameKey(), nonce).setAAD(Buffer.from(key));
    return Buffer.concat([nonce, cipher.update(name, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  private unseal(sealed: string, key: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const nameKey = this.nameKey();
    try {
      const decipher = createDecipheriv('aes-256-gcm', nameKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(key)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new Failure('UNAVAILABLE', 'a name in the directory does not open under this secret', { cause });
    }
  }

  private nameKey(): Buffer {
    if (this.parts.names === undefined) throw new Failure('INTERNAL', 'this directory has no key for names');
    return this.parts.names.reveal();
  }
}

function bindingOf({ data, operation, sequence }: Message): Binding | undefined {
  if (operation !== undefined) return undefined; // erased
  const { id } = JSON.parse(Buffer.from(data).toString('utf8')) as Entry;
  return { id: parseAccountId(id), sequence };
}
