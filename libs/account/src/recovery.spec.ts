import { describe, expect, test } from '@jest/globals';
import { MAX_DEVICES, type DeviceId } from '@countersign/contracts';
import {
  NOW,
  PHONE,
  WRONG,
  account,
  attempt,
  decide,
  device,
  phone,
  profilesOf,
  shows,
  standing,
  told,
} from '../test/accounts.js';
import {
  codesLeft,
  enrolled,
  judge,
  moved,
  recoveryIssued,
  type AccountEvent,
  type Attempt,
  type DeviceState,
  type Standing,
} from './index.js';

const SHEET = 'sheet0000000' as DeviceId;
const NEXT = 'sheet0000001' as DeviceId;
const sheet = (rest: Partial<DeviceState> = {}): DeviceState => device(SHEET, 'recovery', rest);
const recover = attempt({ verb: 'recover', request: 'q', origin: 'o' });
const desk = { by: 'desk', at: NOW };
const issue = (devices: DeviceState[], id = NEXT): AccountEvent =>
  recoveryIssued(standing(account(devices)), { id, epoch: 1, record: 9 }, desk);

const first = (at: Standing, question: Attempt) => judge(at, question, profilesOf(at.state), NOW);

/** The event that a decision appends. */
function appended(decision: ReturnType<typeof decide>): AccountEvent {
  if (decision.kind !== 'append') throw new Error(decision.kind);
  return decision.event;
}

describe('a sheet of recovery codes', () => {
  test('is active at once; the one before it ends in the same event, whatever it was', () => {
    const event = issue([phone()]);
    expect(event).toMatchObject({ type: 'recovery_issued', device: NEXT, record: 9, status: 'active' });
    expect(event).not.toHaveProperty('replaced');
    for (const status of ['active', 'disabled'] as const) {
      const second = issue([phone(), sheet({ status, spent: '7' })]);
      expect(second).toMatchObject({ type: 'recovery_issued', device: NEXT, replaced: SHEET });
      expect(second.state.devices.map(({ id, status }) => [id, status])).toEqual([
        [PHONE, 'active'],
        [SHEET, 'revoked'],
        [NEXT, 'active'],
      ]);
    }
    expect(issue([phone(), sheet({ status: 'revoked' })])).not.toHaveProperty('replaced');
  });

  test('counts as a device; in the place of another it always has room', () => {
    const tokens = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        device(`token${String(index).padStart(7, '0')}` as DeviceId, 'hotp', { namedOnly: true }),
      );
    expect(() => issue(tokens(MAX_DEVICES))).toThrow(expect.objectContaining({ code: 'LIMIT' }));
    expect(issue([...tokens(MAX_DEVICES - 1), sheet()]).state.devices).toHaveLength(MAX_DEVICES + 1);
    const full = standing(account([...tokens(MAX_DEVICES - 1), sheet()]));
    const another = { id: PHONE, type: 'totp', epoch: 1, record: 1, floor: 0, namedOnly: true } as const;
    expect(() => enrolled(full, another, desk)).toThrow(expect.objectContaining({ code: 'LIMIT' }));
  });

  test('is asked about whole, whatever is spent, and takes no room of other devices', () => {
    const used = standing(account([phone(), sheet({ spent: '3ff' })]));
    expect(first(used, recover)).toMatchObject({
      kind: 'ask',
      candidates: [{ from: 0, count: 10, floor: 0, last: 9 }],
    });
    const disabled = standing(account([sheet({ status: 'disabled' })]));
    expect(moved(disabled, 'enabled', SHEET, desk)).toMatchObject({ type: 'enabled' });
  });

  test('opens the account once with each code; then it is a replay, and no guess', () => {
    let at = standing(account([sheet()]));
    for (const code of [3, 0, 9]) {
      const { verdict, next } = told(at, attempt({ verb: 'recover' }), NOW, shows(SHEET, code));
      expect(verdict).toMatchObject({ verdict: 'accepted', device: SHEET });
      const again = told(next, attempt({ verb: 'recover' }), NOW, shows(SHEET, code));
      expect(again.verdict).toMatchObject({ verdict: 'rejected', reason: 'replayed', attemptsLeft: 5 });
      at = again.next;
    }
    expect(at.state.devices[0]).toMatchObject({ spent: '209', floor: 0 });
    expect(codesLeft(at.state.devices[0] as DeviceState)).toBe(7);
  });

  test('clears no budget and makes no origin known', () => {
    const wrong = { unknown: { wrong: 3, at: NOW } };
    const event = appended(decide(standing(account([phone(), sheet()], wrong)), recover, NOW, shows(SHEET, 4)));
    expect(event).toMatchObject({ type: 'recovered', device: SHEET, counter: 4, verb: 'recover', origin: 'o' });
    expect(event.state).toMatchObject(wrong);
    expect(event.state).not.toHaveProperty('origins');
  });

  test('spends the budget like every guess, and a closed one looks at no code', () => {
    let at = standing(account([phone(), sheet()]));
    for (let left = 4; left >= 0; left -= 1) {
      const { verdict, next } = told(at, attempt({ verb: left % 2 ? 'recover' : 'verify' }), NOW, WRONG);
      expect(verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: left });
      at = next;
    }
    expect(first(at, attempt({ verb: 'recover' }))).toMatchObject({ kind: 'append' });
    expect(told(at, attempt({ verb: 'recover' }), NOW, shows(SHEET, 0)).verdict).toMatchObject({ reason: 'locked' });
  });

  test('is nothing to `verify`, `resync` and `device.confirm`, named or not; nor are other devices to `recover`', () => {
    const both = standing(account([phone(), sheet()]));
    const asked = (verb: 'verify' | 'resync' | 'recover', id?: DeviceId) => {
      const decision = decide(both, attempt({ verb, ...(id && { device: id }) }), NOW, WRONG);
      return decision.kind === 'answer' ? decision.verdict.reason : decision.kind;
    };
    expect([asked('verify', SHEET), asked('resync', SHEET), asked('recover')]).toEqual([
      'disabled',
      'disabled',
      'append',
    ]);
    const of = (question: Attempt) => {
      const decision = first(both, question);
      return decision.kind === 'ask' ? decision.candidates.map(({ device: { id } }) => id) : decision.kind;
    };
    expect([of(attempt()), of(recover)]).toEqual([[PHONE], [SHEET]]);
    const confirm = attempt({ verb: 'device.confirm', device: SHEET });
    expect(first(both, confirm)).toMatchObject({ kind: 'fail', code: 'CONFLICT' });
    const without = standing(account([phone()]));
    expect(decide(without, recover, NOW, WRONG)).toMatchObject({ kind: 'answer', verdict: { reason: 'disabled' } });
  });

  test('repeats its acceptance to the same request, but not to another verb, nor once it is replaced', () => {
    const { next } = told(standing(account([phone(), sheet()])), recover, NOW, shows(SHEET, 4));
    const again = told(next, recover, NOW + 1000, shows(SHEET, 4));
    expect(again.verdict).toMatchObject({ verdict: 'accepted', device: SHEET, repeated: true });
    expect(told(next, { ...recover, verb: 'verify' }, NOW + 1000, WRONG).verdict).toMatchObject({
      reason: 'wrong_code',
    });
    const { state } = recoveryIssued(next, { id: NEXT, epoch: 1, record: 9 }, { by: 'desk', at: NOW + 1000 });
    const later = told({ state, sequence: next.sequence + 1 }, recover, NOW + 2000, WRONG);
    expect(later.verdict).toMatchObject({ reason: 'wrong_code' });
  });
});
