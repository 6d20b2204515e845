import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_RULES } from '@countersign/account';
import {
  Failure,
  type Asker,
  type Policy,
  type PolicyFields,
  type PolicyHistoryEntry,
  type PolicyHistoryReply,
  type PolicyReply,
  type SetPolicyRequest,
  type Tenant,
} from '@countersign/contracts';
import { Ledger, inTime, type Waiting } from '@countersign/ledger';
import type { Clock } from '@countersign/runtime';
import { CLOCK } from '../parts.js';

const PAGE = 50; // policies of some 300 bytes

/** A tenant's policy and its history, as the ledger's leader has them. */
@Injectable()
export class TenantPolicy {
  constructor(
    private readonly ledger: Ledger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws UNAVAILABLE. */
  async now(tenant: Tenant): Promise<PolicyReply> {
    const { version, policy } = (await this.ledger.policy(tenant)) ?? DEFAULT_RULES;
    return { version, policy };
  }

  /**
   * Once it is answered, verdicts follow it within 5 s. Throws CONFLICT when another policy was decided since `version`,
   * INVALID_ARGUMENT, UNAVAILABLE, OUTCOME_UNKNOWN.
   */
  async decide(
    { tenant, caller }: Asker,
    { version, ...changes }: SetPolicyRequest,
    waiting: Waiting,
  ): Promise<PolicyReply> {
    const before = await this.now(tenant);
    if (before.version !== version) throw changedMeanwhile();
    const policy = coherent({ ...before.policy, ...said(changes) });
    const event = { at: this.clock.now(), by: caller, policy };
    const appended = await inTime(this.ledger.decidePolicy(tenant, event, version), waiting);
    if (appended.kind === 'conflict') throw changedMeanwhile();
    return { version: appended.sequence, policy };
  }

  /** Throws UNAVAILABLE. */
  async history(tenant: Tenant, after = 0): Promise<PolicyHistoryReply> {
    const policies: PolicyHistoryEntry[] = [];
    for (let next = after; ; next = policies.at(-1)?.version ?? next) {
      const entry = await this.ledger.policyAfter(tenant, next);
      if (entry === undefined) return { policies, next, more: false };
      if (policies.length === PAGE) return { policies, next, more: true };
      policies.push(entry);
    }
  }
}

const changedMeanwhile = (): Failure =>
  new Failure('CONFLICT', 'the policy is not of this version any more; read it again, then change it');

/** Without what was left out: it stays as it is. */
const said = (changes: PolicyFields): PolicyFields =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));

function coherent(policy: Policy): Policy {
  if (policy.firstDelayMs <= policy.longestDelayMs) return policy;
  const problem = 'at most longestDelayMs';
  throw new Failure('INVALID_ARGUMENT', `firstDelayMs: ${problem}`, { fields: [{ field: 'firstDelayMs', problem }] });
}
