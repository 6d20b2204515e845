import { Failure, type FailureBody } from '@countersign/contracts';

/** One of many may fail and spoil no other. Throws what is no Failure. */
export async function orFailed<Result>(
  work: () => Promise<Result>,
): Promise<Result | { kind: 'failed'; failure: FailureBody }> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure) return { kind: 'failed', failure: error.body() };
    throw error;
  }
}
