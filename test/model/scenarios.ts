import type { Scenario } from './protocol.js';
import type { Question } from './questions.js';

const ask = (name: string, asks: Question['asks'], rest: Partial<Question> = {}): Question => ({
  name,
  asks,
  tries: 1,
  ...rest,
});
const A = { code: 0 };
const B = { code: 1 };
const WRONG = { code: 'wrong' as const };

export const scenarios: (Scenario & { atLeast: number })[] = [
  {
    name: 'one code, typed by two, one of whom asks again',
    questions: [ask('first', { ...A, requestId: 'x' }, { tries: 2 }), ask('second', A)],
    ...{ replicas: 2, guessesLeft: 5, atLeast: 4_000 },
  },
  {
    name: 'one code on three replicas',
    questions: [ask('first', A), ask('second', A), ask('third', A)],
    ...{ replicas: 3, guessesLeft: 5, atLeast: 12_000 },
  },
  {
    name: 'two codes of one device, one asked about again',
    questions: [ask('earlier', { ...A, requestId: 'x' }, { tries: 2 }), ask('later', B)],
    ...{ replicas: 2, guessesLeft: 5, atLeast: 4_000 },
  },
  {
    name: 'a revocation between a code and its retry',
    questions: [
      ask('code', { ...A, requestId: 'x' }, { tries: 2 }),
      ask('revocation', { does: 'revoked' }, { tries: 2 }),
    ],
    ...{ replicas: 2, guessesLeft: 5, atLeast: 18_000 },
  },
  {
    name: 'three guesses where two are left, one asked again',
    questions: [
      ask('guess 1', { ...WRONG, requestId: 'x' }, { tries: 2 }),
      ask('guess 2', WRONG),
      ask('guess 3', WRONG),
    ],
    ...{ replicas: 2, guessesLeft: 2, atLeast: 36_000 },
  },
  {
    name: 'disabled, enabled and disabled again',
    questions: [
      ask('disable', { does: 'disabled' }),
      ask('enable', { does: 'enabled' }, { after: 'disable' }),
      ask('disable again', { does: 'disabled' }, { after: 'enable' }),
      ask('code', A, { after: 'disable again' }),
    ],
    ...{ replicas: 2, guessesLeft: 5, atLeast: 3_500 },
  },
];
