import type { Keys } from '../keys.js';
import type { Entry } from '../judge-entry.js';
import { Refusal } from '../refusal.js';
import { TokenFileError } from '../token-file-error.js';
import { ContainerKeys } from './container-keys.js';
import { partsOf } from './elements.js';
import type { Element } from './elements.js';
import { encryptionKey } from './encryption-key.js';
import { keyEntry } from './key-entry.js';

/** A key container of RFC 6030. Its signature, if it has one, is not checked. */
export async function* readPskc(pieces: AsyncIterable<string>, keys: Keys): AsyncGenerator<Entry> {
  const header = new Map<string, Element>();
  const expected = keys.preSharedKey !== undefined || keys.password !== undefined;
  let opener: ContainerKeys | undefined;
  const open = (data: Element) => opener!.open(data); // asked for encrypted values only
  try {
    for await (const part of partsOf(pieces)) {
      if (part.name === 'EncryptionKey' || part.name === 'MACMethod') {
        if (opener || header.has(part.name))
          throw new TokenFileError(
            'malformed',
            `line ${part.line}: ${part.name} should be there once, before the keys`,
          );
        header.set(part.name, part);
      }
      if (part.name !== 'KeyPackage') continue;
      if (isEncrypted(part)) opener ??= await openerOf(header, keys);
      const found = part.children.filter(({ name }) => name === 'Key');
      if (found.length === 0) yield { line: part.line, problem: new Refusal('line', 'a KeyPackage without a Key') };
      for (const key of found)
        yield keyEntry(part, key, { open, mayBePlain: !expected && !header.has('EncryptionKey') });
    }
  } finally {
    opener?.[Symbol.dispose]();
  }
}

const isEncrypted = (element: Element): boolean =>
  element.name === 'EncryptedValue' || element.children.some(isEncrypted);

async function openerOf(header: Map<string, Element>, keys: Keys): Promise<ContainerKeys> {
  const encryption = await encryptionKey(header.get('EncryptionKey'), keys);
  try {
    return new ContainerKeys(encryption, header.get('MACMethod'));
  } catch (error) {
    encryption.key[Symbol.dispose]();
    throw error;
  }
}
