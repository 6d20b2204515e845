import { describe, expect, test } from '@jest/globals';
import { Failure } from '@countersign/contracts/portable';
import { WebRandom } from '@countersign/runtime/portable';
import { answerText, byText } from './by-text.js';
import type { Carrier } from './device-questions.js';

const random = new WebRandom();
const request = { id: '0'.repeat(20), device: '1'.repeat(12), code: '123456' };
const accepting: Carrier = { ask: async () => ({ verdict: 'accepted' }) as never };

describe('messages as text', () => {
  test('a question and its answer, through two texts', async () => {
    const asked: unknown[] = [];
    const platform: Carrier = {
      ask: async (...question) => {
        asked.push(question);
        return { triesLeft: 2 } as never;
      },
    };
    const device = byText((text) => answerText(text, platform), random);
    const share = { id: request.id, session: 's', share: 'a', point: 'b' };
    expect(await device.ask('pair.share', share, 'replica-1')).toEqual({ triesLeft: 2 });
    expect(asked).toEqual([['pair.share', share, 'replica-1']]);
  });

  test('each text is one line that a QR code can hold', async () => {
    const texts: string[] = [];
    const device = byText(async (text) => {
      texts.push(text);
      const answer = await answerText(text, accepting);
      texts.push(answer);
      return answer;
    }, random);
    await device.ask('device.confirm', request);
    for (const text of texts) expect(text).toMatch(/^\{"countersign":1[^\n]{1,2900}\}$/);
  });

  test('what the platform refuses comes back as the same failure', async () => {
    const refusing: Carrier = {
      ask: async () => {
        throw new Failure('BUSY', 'too many at once', { retryAfterMs: 250 });
      },
    };
    const device = byText((text) => answerText(text, refusing), random);
    await expect(device.ask('device.confirm', request)).rejects.toMatchObject({
      name: 'Failure',
      code: 'BUSY',
      message: 'too many at once',
      retryAfterMs: 250,
    });
  });

  test('an answer to an earlier question is not taken', async () => {
    let first = '';
    const device = byText(async (text) => (first ||= await answerText(text, accepting)), random);
    await device.ask('device.confirm', request);
    await expect(device.ask('device.confirm', request)).rejects.toThrow('answers another question');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['a list', '[]'],
    ['another version', '{"countersign":2,"ask":"device.confirm","tag":"aaaaaaaa","body":{}}'],
    ['a verb that is no device’s', '{"countersign":1,"ask":"account.create","tag":"aaaaaaaa","body":{}}'],
    ['a verb of every object', '{"countersign":1,"ask":"toString","tag":"aaaaaaaa","body":{}}'],
    ['no body', '{"countersign":1,"ask":"device.confirm","tag":"aaaaaaaa"}'],
    ['another tag', '{"countersign":1,"ask":"device.confirm","tag":"a","body":{}}'],
    ['a replica with a dot', '{"countersign":1,"ask":"pair.share","tag":"aaaaaaaa","at":"a.b","body":{}}'],
    ['a replica that is a wildcard', '{"countersign":1,"ask":"pair.share","tag":"aaaaaaaa","at":"*","body":{}}'],
    ['too much', `{"countersign":1,"x":"${'x'.repeat(3000)}"}`],
  ])('%s is no question', async (_name, text) => {
    const never: Carrier = { ask: () => Promise.reject(new Error('it was asked')) };
    await expect(answerText(text, never)).rejects.toMatchObject({ name: 'CarriedTextError' });
  });

  test('a desk that cannot ask says so, and answers nothing', async () => {
    const gone: Carrier = { ask: () => Promise.reject(new TypeError('a defect')) };
    await expect(byText((text) => answerText(text, gone), random).ask('device.confirm', request)).rejects.toThrow(
      'a defect',
    );
  });

  test.each([
    ['a failure of another version', '{"failure":{"code":"NEW"}}'],
    ['no body', '{}'],
    ['a body that is a list', '{"body":[]}'],
  ])('%s is no answer', async (_name, rest) => {
    const device = byText(async (text) => {
      const { tag } = JSON.parse(text) as { tag: string };
      return JSON.stringify({ countersign: 1, tag, ...(JSON.parse(rest) as object) });
    }, random);
    await expect(device.ask('device.confirm', request)).rejects.toMatchObject({ name: 'CarriedTextError' });
  });
});
