import { createHmac } from 'node:crypto';
import { headers as newHeaders } from '@nats-io/nats-core';
import { DIRECTORY_STREAM, Failure, directorySubject, type AccountId, type Tenant } from '@countersign/contracts';
import type { Bus } from '@countersign/bus';
import type { Random, Secret } from '@countersign/runtime';
import { idIn, textIn } from './entry.js';
import { StreamReader, type Message } from '../stream-reader.js';
import { NameSeal } from './name-seal.js';
import { storedAt } from './stored-at.js';

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

const TRIES = 5;
const WITHIN_MS = 2000;

/**
 * Names to accounts. The key of an entry is an HMAC of the name and its value holds the name encrypted, so that who reads
 * the store learns no name. Several names may share an id.
 */
export class Directory {
  private readonly reader: StreamReader;
  private readonly seal: NameSeal;

  constructor(private readonly parts: DirectoryParts) {
    this.reader = new StreamReader(parts.bus, DIRECTORY_STREAM);
    this.seal = new NameSeal(parts.random, parts.names);
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
    const entry: Entry = { id, name: this.seal.seal(canonicalName, key) };
    const data = Buffer.from(JSON.stringify(entry));
    let after = replace?.sequence ?? 0; // most names that are bound were never bound before
    for (let tries = 0; tries < TRIES; tries += 1) {
      const headers = newHeaders();
      headers.set('Nats-Expected-Last-Subject-Sequence', String(after));
      const answer = await this.parts.bus.ask(subject, data, headers, WITHIN_MS);
      if (answer.kind === 'refused') throw new Failure('FORBIDDEN', 'NATS does not let this identity bind names');
      const sequence = storedAt(answer);
      if (sequence !== undefined) return { id, sequence };
      // Stored, in conflict or lost: a look tells, since the id is ours alone.
      const last = await this.reader.last(subject);
      const held = last && bindingOf(last);
      if (held?.id === id) return held;
      if (held !== undefined && held.sequence !== replace?.sequence) return held;
      after = last?.sequence ?? 0;
    }
    throw new Failure('UNAVAILABLE', 'the directory did not take the name');
  }

  /** Frees a name while it is bound as it was found; does nothing when it has moved since. Throws UNAVAILABLE. */
  async erase(tenant: Tenant, canonicalName: string, found: Binding): Promise<void> {
    const subject = directorySubject(this.key(tenant, canonicalName));
    for (let tries = 0; tries < TRIES; tries += 1) {
      const last = await this.reader.last(subject);
      if (last?.sequence !== found.sequence) return;
      const headers = newHeaders();
      headers.set('Nats-Expected-Last-Subject-Sequence', String(found.sequence));
      headers.set('KV-Operation', 'DEL');
      const answer = await this.parts.bus.ask(subject, new Uint8Array(), headers, WITHIN_MS);
      if (answer.kind === 'refused') throw new Failure('FORBIDDEN', 'NATS does not let this identity free names');
    }
    throw new Failure('UNAVAILABLE', 'the directory did not free the name');
  }

  /** The name in an entry. Throws UNAVAILABLE when it does not open under this secret. */
  async nameAt(tenant: Tenant, canonicalName: string): Promise<string | undefined> {
    const key = this.key(tenant, canonicalName);
    const message = await this.reader.last(directorySubject(key));
    if (message === undefined || message.operation !== undefined) return undefined;
    return this.seal.open(textIn(message.data, 'name'), key);
  }
}

function bindingOf({ data, operation, sequence }: Message): Binding | undefined {
  if (operation !== undefined) return undefined; // erased
  return { id: idIn(data), sequence };
}
