import { createHmac } from 'node:crypto';
import { headers as newHeaders } from '@nats-io/nats-core';
import { DIRECTORY_STREAM, Failure, directorySubject, type AccountId, type Tenant } from '@countersign/contracts';
import { textIn } from './entry.js';
import { StreamReader } from '../stream-reader.js';
import type { DirectoryParts } from './directory.js';
import { NameSeal } from './name-seal.js';
import { storedAt } from './stored-at.js';

/**
 * What an account is called, by its id. Every name that is bound, or about to be, is in one of the lists: a name comes in
 * before it is bound and goes out after it is erased. Whether it is bound now, its binding says.
 */
export interface NameList {
  names: string[];
  /** on their way out: no longer the account's, perhaps still bound */
  leaving: string[];
}

/** A list with the sequence that a change of it has to follow; 0: there is none yet. */
export interface NameListReading extends NameList {
  sequence: number;
}

const NO_LIST: NameListReading = { names: [], leaving: [], sequence: 0 };
const TRIES = 5;
const WITHIN_MS = 2000;

/** The lists of names, beside the bindings in the directory's store: under an HMAC of the id, encrypted. */
export class AccountNames {
  private readonly reader: StreamReader;
  private readonly seal: NameSeal;

  constructor(private readonly parts: DirectoryParts) {
    this.reader = new StreamReader(parts.bus, DIRECTORY_STREAM);
    this.seal = new NameSeal(parts.random, parts.names);
  }

  /** From the leader. Throws UNAVAILABLE. */
  async read(tenant: Tenant, id: AccountId): Promise<NameListReading> {
    const key = this.key(tenant, id);
    const message = await this.reader.last(directorySubject(key));
    if (message === undefined) return NO_LIST;
    if (message.operation !== undefined) return { ...NO_LIST, sequence: message.sequence };
    return {
      ...(JSON.parse(this.seal.open(textIn(message.data, 'list'), key)) as NameList),
      sequence: message.sequence,
    };
  }

  /**
   * Writes what `change` makes of the list, again when somebody else was faster. Gives the list as it was before and as
   * it is now. `fresh`: the id was drawn just now, so that there is no list yet. Throws what `change` throws, UNAVAILABLE.
   */
  async change(
    tenant: Tenant,
    id: AccountId,
    change: (before: NameList) => Promise<NameList> | NameList,
    fresh = false,
  ): Promise<{ before: NameList; now: NameList }> {
    const key = this.key(tenant, id);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const { sequence, ...before } = fresh && tries === 0 ? NO_LIST : await this.read(tenant, id);
      const now = await change(before);
      if (JSON.stringify(now) === JSON.stringify(before)) return { before, now };
      const list = this.seal.seal(JSON.stringify(now), key);
      const headers = newHeaders();
      headers.set('Nats-Expected-Last-Subject-Sequence', String(sequence));
      const data = Buffer.from(JSON.stringify({ list }));
      const answer = await this.parts.bus.ask(directorySubject(key), data, headers, WITHIN_MS);
      if (answer.kind === 'refused') throw new Failure('FORBIDDEN', 'NATS does not let this identity bind names');
      if (storedAt(answer) !== undefined || (await this.wrote(tenant, id, list))) return { before, now };
    }
    throw new Failure('UNAVAILABLE', "others kept changing this account's names", { retryAfterMs: 100 });
  }

  /** Without an acknowledgement the store tells: no two seals are the same. */
  private async wrote(tenant: Tenant, id: AccountId, list: string): Promise<boolean> {
    const message = await this.reader.last(directorySubject(this.key(tenant, id)));
    return message !== undefined && Buffer.from(message.data).toString('utf8') === JSON.stringify({ list });
  }

  private key(tenant: Tenant, id: AccountId): string {
    // No name begins with NUL, so that no name's entry has this key.
    return createHmac('sha256', this.parts.index.reveal()).update(`${tenant}\0\0${id}`).digest('base64url');
  }
}
