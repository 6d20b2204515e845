import type { Answered, Asked } from '../history/entry.js';

/** The last probe of each account, when all faults are over: it must get a verdict. */
export class Probes {
  private readonly last = new Map<string, { asked: Asked; answered: Answered }>();

  answered(asked: Asked, answered: Answered): void {
    const { question } = asked;
    if (question.verb !== 'verify' || question.intent !== 'probe') return;
    this.last.set(`${asked.tenant} ${asked.account}`, { asked, answered });
  }

  /** Those without a verdict, or whose account is frozen. */
  unanswered(): { asked: Asked; answered: Answered }[] {
    return [...this.last.values()].filter(
      ({ answered: { answer } }) => answer.kind !== 'verdict' || answer.verdict.reason === 'frozen',
    );
  }
}
