import { sleep } from '@countersign/runtime';
import type { Answer, Bus } from '@countersign/bus';

type Ask = Bus['ask'];

/** What befalls one request: it gets the real way of asking. */
export type Fault = (ask: () => ReturnType<Ask>) => Promise<Answer>;

const TIMEOUT: Answer = { kind: 'timeout' };

/** What can befall an append or a read on its way. Tests only. */
export const faults = {
  /** done, and nobody hears of it */
  answerLost: (async (ask) => {
    await ask();
    return TIMEOUT;
  }) as Fault,
  /** the connection went away after sending */
  connectionLost: (async (ask) => {
    await ask();
    return { kind: 'lost' };
  }) as Fault,
  /** never arrived */
  requestLost: (async () => TIMEOUT) as Fault,
  noResponders: (async () => ({ kind: 'no-responders' })) as Fault,
  /** the acknowledgement comes, and is not one */
  nonsense: (async (ask) => {
    const answer = await ask();
    if (answer.kind === 'reply') Object.defineProperty(answer.message, 'data', { value: Buffer.from('{"oops":') });
    return answer;
  }) as Fault,
};

/** Arrives only when the test lets it, and nobody hears of it. */
export function landsLate(): { fault: Fault; land: () => Promise<Answer> } {
  let real: (() => Promise<Answer>) | undefined;
  const fault: Fault = async (ask) => {
    real = ask;
    return TIMEOUT;
  };
  const land = async (): Promise<Answer> => {
    while (real === undefined) await sleep(1);
    return real();
  };
  return { fault, land };
}

export interface FaultyBus {
  bus: Bus;
  /** for the next appends, one each, in order */
  appends: Fault[];
  /** for the next reads */
  reads: Fault[];
  /** subjects asked, in order */
  asked: string[];
}

/** `bus`, with faults for appends (anything that is not an API call) and for reads. */
export function faulty(bus: Bus): FaultyBus {
  const made: FaultyBus = { bus, appends: [], reads: [], asked: [] };
  const ask: Ask = (subject, data, lines, timeoutMs) => {
    made.asked.push(subject);
    const real = (): ReturnType<Ask> => bus.ask(subject, data, lines, timeoutMs);
    const fault = (subject.startsWith('$JS.API.') ? made.reads : made.appends).shift();
    return fault ? fault(real) : real();
  };
  made.bus = new Proxy(bus, {
    get: (target, name) => {
      if (name === 'ask') return ask;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return made;
}
