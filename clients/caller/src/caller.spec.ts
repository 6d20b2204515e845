import { describe, expect, test } from '@jest/globals';
import type { Bus, RequestOptions } from '@countersign/bus';
import { Failure, parseCaller } from '@countersign/contracts';
import { callerOn, type Countersign } from './caller.js';

interface Sent {
  subject: string;
  body: Record<string, unknown>;
  timeoutMs: number;
  nobody?: string | undefined;
}

/** A bus on which `answers` come in turn; the last one stays. */
function bench(answers: unknown[]): { countersign: Countersign; sent: Sent[] } {
  const sent: Sent[] = [];
  const request = (subject: string, body: Record<string, unknown>, options: RequestOptions): Promise<unknown> => {
    const { timeoutMs, nobody } = options;
    sent.push({ subject, body, timeoutMs, nobody });
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    return answer instanceof Failure ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const bus = { request, close: () => Promise.resolve() } as unknown as Bus;
  return { countersign: callerOn(bus, parseCaller('app'), 4000), sent };
}

describe('a caller', () => {
  test('asks under its own name, with a requestId of its own for each attempt', async () => {
    const { countersign, sent } = bench([{ verdict: 'accepted', sequence: 7, at: 1 }]);
    expect(await countersign.verify({ account: 'ada', code: '123456' })).toMatchObject({ verdict: 'accepted' });
    await countersign.verify({ account: 'ada', code: '123456' });
    expect(sent[0]?.subject).toBe('countersign.v1.app.verify');
    expect(sent[0]?.body).toEqual({ account: 'ada', code: '123456', requestId: expect.stringMatching(/^\w{20}$/) });
    expect(sent[1]?.body.requestId).not.toBe(sent[0]?.body.requestId);
  });

  test('retries a verify under the same requestId', async () => {
    const { countersign, sent } = bench([
      new Failure('OUTCOME_UNKNOWN'),
      new Failure('UNAVAILABLE'),
      { verdict: 'accepted' },
    ]);
    await countersign.verify({ account: 'ada', code: '123456' });
    expect(new Set(sent.map(({ body }) => body.requestId)).size).toBe(1);
    expect(sent).toHaveLength(3);
  });

  test("keeps the caller's requestId, and draws one when it is undefined", async () => {
    const { countersign, sent } = bench([{ verdict: 'accepted' }]);
    await countersign.confirm({ account: 'ada', device: 'd', code: '123456', requestId: 'mine' });
    await countersign.verify({ account: 'ada', code: '123456', requestId: undefined });
    expect(sent[0]?.body.requestId).toBe('mine');
    expect(sent[1]?.body.requestId).toEqual(expect.any(String));
  });

  test('asks only once for what makes something new', async () => {
    const { countersign, sent } = bench([new Failure('UNAVAILABLE')]);
    await expect(countersign.createAccount({ names: ['ada'] })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.timeoutMs).toBe(4000);
  });

  test('asks the replica that it is told, and says so when that is gone', async () => {
    const { countersign, sent } = bench([{}]);
    const message = { id: '0'.repeat(20), session: '0'.repeat(16), confirm: 'AA' };
    await countersign.pairConfirm({ at: 'r1', ...message });
    expect(sent).toEqual([expect.objectContaining({ subject: 'countersign.v1.app.pair.confirm.r1', body: message })]);
    expect(sent[0]?.nobody).toBe('the replica that held this pairing is gone; open another one');
    await countersign.devices({ account: 'ada' });
    expect(sent[1]?.nobody).toBeUndefined();
  });

  test.each(['*', '>', 'a.b', '', undefined, 'R1'])('asks no replica called %j', async (at) => {
    const { countersign, sent } = bench([{}]);
    const asked = countersign.pairConfirm({ at, id: '', session: '', confirm: '' } as never);
    await expect(asked).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', fields: [{ field: 'at' }] });
    expect(sent).toEqual([]);
  });

  test('waits for a long poll as long as it lasts', async () => {
    const { countersign, sent } = bench([{ events: [], next: 0, more: false }]);
    await countersign.events({ waitMs: 20_000 });
    expect(sent[0]?.timeoutMs).toBeGreaterThan(21_000);
  });

  test('follows from page to page', async () => {
    const page = (sequence: number) => ({ events: [{ sequence }], next: sequence, more: false });
    const { countersign, sent } = bench([page(3), page(9)]);
    const seen: number[] = [];
    for await (const { sequence } of countersign.follow({ account: 'ada' })) {
      seen.push(sequence);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual([3, 9]);
    expect(sent.map(({ body }) => body.after)).toEqual([undefined, 3]);
  });
});
