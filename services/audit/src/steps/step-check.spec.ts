import { beforeEach, expect, test } from '@jest/globals';
import {
  DEFAULT_RULES,
  challengeIssued,
  created,
  imported,
  judge,
  judgeChallenge,
  newAccount,
  type AccountEvent,
  type Standing,
} from '@countersign/account';
import {
  DEFAULT_POLICY,
  Failure,
  ledgerSubject,
  parseAccountId,
  parseTenant,
  type ChallengeReceiptItem,
  type DeviceId,
  type ReceiptItem,
} from '@countersign/contracts';
import { ListLedger } from '../testing/list-ledger.js';
import { PoliciesThen } from './policies-then.js';
import { StepCheck } from './step-check.js';

const ACME = parseTenant('acme');
const ADA = ledgerSubject(ACME, parseAccountId('0123456789abcdefghjk'));
const PHONE = 'mnpqrstvwxyz' as DeviceId;
const PROFILE = { type: 'hotp', algorithm: 'SHA1', digits: 6, stepSeconds: 30, t0Seconds: 0, counter: 0 } as const;
const RIGHT = Buffer.alloc(32, 1).toString('base64url');
const NOW = 1_700_000_000_000;

let ledger: ListLedger;
let standing: Standing;
let checked: (ReceiptItem | ChallengeReceiptItem)[];
const stepsOf = (): StepCheck =>
  new StepCheck({
    ledger,
    policies: new PoliciesThen(ledger),
    check: ({ receipts = [], challenges = [] }) => {
      checked.push(...receipts, ...challenges);
      if ([...receipts, ...challenges].some(({ receipt }) => receipt === 'malformed'))
        return Promise.reject(new Failure('INVALID_ARGUMENT', 'receipt'));
      const right = ({ receipt }: { receipt: string }): boolean => receipt === RIGHT;
      return Promise.resolve({ valid: receipts.map(right), validChallenges: challenges.map(right) });
    },
  });
const doubts = async (): Promise<string[]> => {
  const own = ledger.messages.filter((message) => message?.subject === ADA).map((message) => message!);
  return (await stepsOf().doubts(own)).map(({ kind, sequence }) => `${kind} ${sequence}`);
};

function add(event: AccountEvent, after = standing?.sequence ?? 0): void {
  const sequence = ledger.add(ADA, { ...event, after, nonce: 'n' });
  standing = { state: event.state, sequence };
}

/** An event as verification makes it, of a code that one device showed for this counter; a wrong one without. */
function verified(counter?: number, at = NOW, rules = DEFAULT_RULES): AccountEvent {
  const profiles = new Map([[PHONE, PROFILE]]);
  const matches = counter === undefined ? [] : [{ device: PHONE, counter, receipt: RIGHT }];
  const decision = judge(standing, { verb: 'verify', by: 'app' }, profiles, at, matches, rules);
  if (decision.kind !== 'append') throw new Error(decision.kind);
  return decision.event;
}

const device = (record: number) => ({ id: PHONE, type: 'hotp', epoch: 1, record, floor: 0, namedOnly: false }) as const;

beforeEach(() => {
  ledger = new ListLedger();
  checked = [];
  add(created({ by: 'desk', at: NOW }), 0);
  const record = {
    type: 'record',
    v: 1,
    device: PHONE,
    epoch: 1,
    method: 'import',
    profile: PROFILE,
    reference: 'd1.x',
  };
  ledger.add(`${ADA}.${PHONE}.1`, record);
  add(imported(standing, device(2), 'active', { by: 'ops', at: NOW }));
});

test('what the rules make is not doubted, and every match is checked', async () => {
  add(verified(0));
  add(verified());
  add(verified(0)); // replayed
  add(verified(7));
  expect(await doubts()).toEqual([]);
  const key = { tenant: 'acme', account: '0123456789abcdefghjk', device: PHONE, epoch: 1, receipt: RIGHT };
  expect(checked).toEqual([0, 0, 7].map((counter) => ({ ...key, counter })));
});

test.each<[string, (event: AccountEvent & { type: 'accepted' }) => object]>([
  ['a floor that stays, so that the code could be used again', (event) => ({ state: floor(event, 4) })],
  ['a counter that was passed over', () => ({ counter: 1 })],
  [
    'a state with a device more',
    (event) => ({ state: { ...event.state, devices: [...event.state.devices, { id: 'x' }] } }),
  ],
  ['a budget that nobody cleared', (event) => ({ state: { ...event.state, unknown: { wrong: 1, at: NOW } } })],
  ['another type', () => ({ type: 'confirmed' })],
  ['a type that is none', () => ({ type: 'granted' })],
  ['a policy that was never decided', () => ({ policyVersion: 2 })],
])('an acceptance with %s is an illegal step', async (_what, bend) => {
  add(verified(4));
  const good = verified(5) as AccountEvent & { type: 'accepted' };
  ledger.add(ADA, { ...good, ...bend(good), after: standing.sequence, nonce: 'n' });
  expect(await doubts()).toContain('STEP 5');
});

const floor = ({ state }: AccountEvent, value: number): object => ({
  ...state,
  devices: state.devices.map((device) => ({ ...device, floor: value })),
});

test('a receipt that the key service did not give is told, and so is one of another form, each for itself', async () => {
  add({ ...verified(4), receipt: Buffer.alloc(32, 2).toString('base64url') } as AccountEvent);
  add(verified(5));
  add({ ...verified(6), receipt: 'malformed' } as AccountEvent);
  expect(await doubts()).toEqual(['RECEIPT 4', 'RECEIPT 6']);
});

/** A challenge that is issued and whose code is shown; `receipt`: what the event says proves it. */
function challenged(id: string, receipt: string): void {
  const nonce = 'n'.repeat(22);
  const wanted = { id, nonce, form: { kind: 'digits', length: 6 }, to: 'caller' } as const;
  add(challengeIssued(standing, wanted, { by: 'app', at: NOW }));
  const attempt = { verb: 'challenge.verify', by: 'app', challenge: id } as const;
  const decision = judgeChallenge(standing, attempt, new Map(), NOW, { kind: 'match', receipt });
  if (decision.kind !== 'append') throw new Error(decision.kind);
  add(decision.event);
}

test("a challenge's receipt is checked beside those of devices, and one that is missing is told", async () => {
  const [first, second, third] = ['1', '2', '3'].map((last) => `challenge000000${last}`) as [string, string, string];
  challenged(first, RIGHT);
  add(verified(4));
  challenged(second, Buffer.alloc(32, 2).toString('base64url'));
  add({ ...verified(5), receipt: Buffer.alloc(32, 2).toString('base64url') } as AccountEvent);
  challenged(third, 'malformed');
  expect(await doubts()).toEqual(['RECEIPT 8', 'RECEIPT 9', 'RECEIPT 11']);
  expect(checked).toContainEqual({
    ...{ tenant: 'acme', account: '0123456789abcdefghjk' },
    challenge: first,
    receipt: RIGHT,
  });
});

test('an account that is imported with its device begins with that, and with nothing else', async () => {
  const event = imported({ state: newAccount(), sequence: 0 }, device(2), 'active', { by: 'ops', at: NOW });
  const other = ledgerSubject(ACME, parseAccountId('zzzzzzzzzzzzzzzzzzzz'));
  const begins = async (first: object): Promise<string[]> => {
    const sequence = ledger.add(other, { ...first, after: 0, nonce: 'n' });
    const message = ledger.messages[sequence - 1]!;
    return (await stepsOf().doubts([message])).map(({ kind }) => kind);
  };
  expect(await begins(event)).toEqual([]);
  expect(await begins({ ...event, state: { ...event.state, names: 2 } })).toEqual(['STEP']);
  expect(await begins(verified(4))).toEqual(['STEP']);
});

test('an event that follows one of another account, or nothing that is there, is an illegal step', async () => {
  add(verified(4), 2);
  ledger.messages[2] = undefined;
  add(verified(5), 3);
  expect(await doubts()).toEqual(['STEP 4', 'STEP 5']);
});

test('what is no event is told, and keeps nobody from what comes after it', async () => {
  ledger.add(ADA, { type: 'accepted', after: standing.sequence });
  expect(await doubts()).toEqual(['STEP 4']);
});

test('a policy counts until ten seconds after the next one was decided', async () => {
  const strict = { ...DEFAULT_POLICY, freeAttempts: 3 };
  ledger.add('ledger.acme._policy', { type: 'policy', v: 1, at: NOW, by: 'ops', policy: strict });
  const rules = { version: 4, policy: strict };
  add(verified(undefined, NOW + 9_000)); // by the defaults still
  add(verified(undefined, NOW + 9_000, rules));
  expect(await doubts()).toEqual([]);
  add(verified(undefined, NOW + 11_000));
  expect(await doubts()).toEqual(['STEP 7']);
});
