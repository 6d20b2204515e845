/**
 * PROPERTY_SEED plays a failing run again; fast-check prints seed and path of a failure, and the composed fuzz its seed.
 * PROPERTY_TIMES=10 tries ten times as much.
 */
const { PROPERTY_SEED, PROPERTY_TIMES } = process.env;

export const seed = Number(PROPERTY_SEED ?? process.hrtime.bigint() % 2_147_483_647n);

const times = Number(PROPERTY_TIMES ?? 1);

/** fast-check's parameters for so many inputs. */
export const inputs = (count: number) => ({ seed, numRuns: Math.ceil(count * times) });
