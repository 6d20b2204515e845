import { existsSync, readFileSync } from 'node:fs';
import { RecipientKey, formatRecipient, makeRecipient, parseRecipient } from '@countersign/sealing';
import type { StateFolder } from './folder.js';
import { makeOnce, readJson, writePrivate } from './private-files.js';

/** The key service's list of those to whom codes are sealed, with nobody on it. What exists stays as it is. */
export const makeRecipientList = (folder: StateFolder): void => makeOnce(folder.recipients(), () => '[]\n');

/** The names on it. */
export const recipientNames = (folder: StateFolder): string[] =>
  linesOf(folder).map((line) => parseRecipient(line).name);

/** Pins a recipient. Its key pair is drawn into `privateFile` when that is not there; the key service reads the list anew. */
export async function pinRecipient(folder: StateFolder, name: string, privateFile: string): Promise<void> {
  if (!existsSync(privateFile)) writePrivate(privateFile, `${(await makeRecipient(name)).privateText}\n`);
  const key = await RecipientKey.read(readFileSync(privateFile, 'utf8'));
  if (key.name !== name) throw new Error(`${privateFile} is the key of ${key.name}, not of ${name}`);
  writeList(folder, [...others(folder, name), formatRecipient(key)]);
}

/** From now on nothing is sealed to it. */
export const unpinRecipient = (folder: StateFolder, name: string): void => writeList(folder, others(folder, name));

const linesOf = (folder: StateFolder): string[] => readJson<string[]>(folder.recipients()) ?? [];
const others = (folder: StateFolder, name: string): string[] =>
  linesOf(folder).filter((line) => parseRecipient(line).name !== name);
const writeList = (folder: StateFolder, lines: string[]): void =>
  writePrivate(folder.recipients(), `${JSON.stringify(lines, null, 2)}\n`);
