import { beforeAll, describe, expect, test } from '@jest/globals';
import { FINDING_KINDS, StoredLog, verifyLog } from '@countersign/audit-verifier';
import { seed } from '../fuzz/seed.js';
import { Chance } from '../torture/chance/chance.js';
import { madeEntries } from './entries.js';
import { inMemory } from './made-log.js';
import type { Victim } from './tamperings.js';
import { tryTampering, victimOf } from './try-tamperings.js';

const ENTRIES = 2000;
const TIMES = 50;

let victim: Victim;
beforeAll(async () => {
  victim = await victimOf(madeEntries(ENTRIES, new Chance(seed)));
});

describe(`a log of ${ENTRIES} entries (PROPERTY_SEED=${seed})`, () => {
  test.each([{}, { seen: true }, { seen: true, resume: true }])('nothing is found in the right one, %j', (how) => {
    const options = { key: victim.key.verifier, ...('seen' in how && { ...how, seen: victim.seen }) };
    const { findings, head } = verifyLog(new StoredLog(inMemory(victim.files)), options);
    expect({ findings, size: head?.size }).toEqual({ findings: [], size: ENTRIES });
  });

  test.each(FINDING_KINDS)(`${TIMES} random tamperings are named %s`, async (kind) => {
    expect(await tryTampering(victim, kind, TIMES, seed)).toEqual([]);
  });
});
