import { StoredLog, readEntry, verifyLog, type FindingKind } from '@countersign/audit-verifier';
import { Chance } from '../torture/chance/chance.js';
import { LogKey, inMemory, published, tilesOf } from './made-log.js';
import { TAMPERINGS, type Victim } from './tamperings.js';

export async function victimOf(entries: readonly Buffer[]): Promise<Victim> {
  const key = new LogKey();
  const seen = tilesOf(entries.slice(0, Math.floor(entries.length * 0.7))).head;
  return { entries, ...(await published(entries, key)), key, otherKey: new LogKey(), seen, told: toldIn(entries) };
}

/** Places of entries that another one follows on their subject. */
function toldIn(entries: readonly Buffer[]): number[] {
  const told = new Set(entries.map((entry) => (readEntry(entry).after ?? 0) - 1));
  return [...told].filter((index) => index >= 0).sort((one, other) => one - other);
}

/** Tampers `times` with a log in this way; gives what was not found, or was given another name. */
export async function tryTampering(victim: Victim, kind: FindingKind, times: number, seed: number): Promise<string[]> {
  const missed: string[] = [];
  for (let time = 0; time < times; time += 1) {
    const chance = new Chance(seed).apart(`${kind} ${time}`);
    const { files, how, index } = await TAMPERINGS[kind](victim, chance);
    const { findings } = verifyLog(new StoredLog(inMemory(files)), { key: victim.key.verifier, seen: victim.seen });
    const [first] = findings;
    if (first?.kind !== kind || (index !== undefined && first.index !== index))
      missed.push(
        `${how}: ${
          findings
            .slice(0, 3)
            .map(({ text }) => text)
            .join('; ') || 'nothing found'
        }`,
      );
  }
  return missed;
}
