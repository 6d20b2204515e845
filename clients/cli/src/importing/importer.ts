import { Failure, Failures, type Countersign } from '@countersign/caller';
import type {
  BatchedImport,
  BegunImport,
  DeviceStatus,
  FailureBody,
  ImportBatchRequest,
  Profile,
} from '@countersign/contracts';
import { prepareSeed } from '@countersign/oath';
import { seedWrapper, type SeedWrapper } from '@countersign/pairing';
import { sleep } from '@countersign/runtime';
import type { Token } from '@countersign/token-files';

export interface ImporterParts {
  countersign: Countersign;
  tenant: string;
  /** Ed25519, base64url: what the import key has to be signed by */
  pinnedIdentityKey: string;
  /** what the devices begin as; absent: as the tenant's policy says */
  activate: ImportBatchRequest['activate'];
  namedOnly: boolean;
}

/** A token, the name of the account that it is for, and its device's id. */
export interface Wanted {
  token: Token;
  account: string;
  device: string;
}

/** there: it was imported before. */
export type Outcome = { kind: 'imported' | 'there'; status: DeviceStatus } | { kind: 'failed'; failure: FailureBody };

const ANSWER_MS = 30_000; // a batch takes a tenth of a second; a cluster that elects a leader some seconds
const TRIES = 8;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000; // some 30 s in all: servers that restart are back by then

/** Imports tokens a batch at a time: which are there, then the others, each seed wrapped here for its own device. */
export class Importer {
  constructor(private readonly parts: ImporterParts) {}

  /**
   * One outcome a token, and the seeds zeroed. What may succeed later is tried again, and that is safe: what was done is
   * found. Throws Failure when the platform answers for none of them any more, PairingError for a key that is not its.
   */
  async import(batch: readonly Wanted[]): Promise<Outcome[]> {
    const outcomes = new Map<Wanted, Outcome>();
    let open = batch;
    try {
      for (let tries = 1, pauseMs = FIRST_PAUSE_MS; ; tries += 1, pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const told = await this.attempt(open).catch((error: unknown) => allFailed(open, error));
        told.forEach((outcome, at) => outcomes.set(open[at] as Wanted, outcome));
        open = open.filter((each) => mayYetSucceed(outcomes.get(each)));
        if (open.length === 0 || tries === TRIES) break;
        await sleep(pauseMs);
      }
    } finally {
      for (const { token } of batch) token.seed[Symbol.dispose]();
    }
    if (open.length === batch.length) throw failureOf(outcomes.get(batch[0] as Wanted));
    return batch.map((each) => outcomes.get(each) as Outcome);
  }

  private async attempt(wanted: readonly Wanted[]): Promise<Outcome[]> {
    const { countersign, pinnedIdentityKey, activate, namedOnly } = this.parts;
    const devices = wanted.map(({ account, device }) => ({ account, device }));
    const begun = await countersign.beginImport({ devices }, { timeoutMs: ANSWER_MS });
    const { point, signature } = begun;
    using wrapper = seedWrapper({ importKey: { point, signature }, pinnedIdentityKey });
    const sent = wanted.flatMap((each, at) => this.wrapped(wrapper, each, begun.devices[at] as BegunImport));
    const request = { point: wrapper.point, devices: sent, ...(activate !== undefined && { activate }), namedOnly };
    const answers = sent.length === 0 ? [] : (await countersign.importBatch(request, { timeoutMs: ANSWER_MS })).devices;
    const next = answers.values();
    return begun.devices.map((each) => (each.kind === 'new' ? (next.next().value as Outcome) : each));
  }

  /** None when there is nothing to wrap. */
  private wrapped(wrapper: SeedWrapper, { token, device }: Wanted, begun: BegunImport): BatchedImport[] {
    if (begun.kind !== 'new') return [];
    const { account: id, epoch } = begun;
    const profile = profileOf(token);
    using seed = prepareSeed(profile.algorithm, token.seed);
    const wrapped = wrapper.wrap(seed, { tenant: this.parts.tenant, account: id, device, epoch, profile });
    return [{ id, device, epoch, ...profile, wrapped }];
  }
}

const profileOf = ({ type, algorithm, digits, stepSeconds, t0Seconds, counter }: Token): Profile => ({
  ...{ type, algorithm, digits, stepSeconds, t0Seconds, counter },
});

function allFailed(wanted: readonly Wanted[], error: unknown): Outcome[] {
  if (!(error instanceof Failure && Failures[error.code].retry)) throw error;
  const failure = error.body();
  return wanted.map(() => ({ kind: 'failed', failure }));
}

const mayYetSucceed = (outcome: Outcome | undefined): boolean =>
  outcome?.kind === 'failed' && Failures[outcome.failure.code].retry;

function failureOf(outcome: Outcome | undefined): Failure {
  if (outcome?.kind !== 'failed') throw new Error('an import that failed has no failure');
  const { code, message } = outcome.failure;
  return new Failure(code, message);
}
