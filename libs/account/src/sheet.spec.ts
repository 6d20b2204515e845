import { describe, expect, test } from '@jest/globals';
import { MAX_DEVICES, MAX_SHEET_CODES, type DeviceId } from '@countersign/contracts';
import {
  NOW,
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
import { MAX_SHEETS, aged, codesLeft, judge, moved, sheetIssued, type DeviceState } from './index.js';

const SHEET = 'sheet0000000' as DeviceId;
const OTHER = 'sheet0000001' as DeviceId;
const END = NOW + 86_400_000;
const desk = { by: 'desk', at: NOW };
const sheet = (id = SHEET, rest: Partial<DeviceState> = {}): DeviceState =>
  device(id, 'sheet', { codes: 20, expiresAt: END, ...rest });
const asks = attempt({ verb: 'sheet.verify' });
const issue = (devices: DeviceState[]) =>
  sheetIssued(standing(account(devices)), { id: OTHER, epoch: 1, record: 9 }, { codes: 20, expiresAt: END }, desk);

describe('a sheet for somebody offline', () => {
  test('is active at once, beside the others', () => {
    const event = issue([phone(), sheet()]);
    const said = { type: 'sheet_issued', device: OTHER, record: 9, status: 'active', codes: 20, expiresAt: END };
    expect(event).toMatchObject(said);
    expect(event.state.devices.map(({ status }) => status)).toEqual(['active', 'active', 'active']);
  });

  test('counts as a device, and an account has few of them', () => {
    const limit = expect.objectContaining({ code: 'LIMIT' });
    const many = (count: number, make: (id: DeviceId) => DeviceState) =>
      Array.from({ length: count }, (_, at) => make(`dev${String(at).padStart(9, '0')}` as DeviceId));
    expect(() => issue(many(MAX_DEVICES, (id) => device(id, 'hotp', { namedOnly: true })))).toThrow(limit);
    expect(() => issue(many(MAX_SHEETS, (id) => sheet(id)))).toThrow(limit);
    expect(() => issue(many(MAX_SHEETS, (id) => sheet(id, { status: 'revoked' })))).not.toThrow();
    expect(() => issue(many(MAX_SHEETS, (id) => sheet(id, { expiresAt: NOW })))).not.toThrow();
  });

  test('each of a hundred codes is good once, in any order; then it is a replay, and no guess', () => {
    let at = standing(account([sheet(SHEET, { codes: MAX_SHEET_CODES })]));
    const order = Array.from({ length: MAX_SHEET_CODES }, (_, code) => (code * 37) % MAX_SHEET_CODES);
    for (const code of order) {
      const { verdict, next } = told(at, asks, NOW, shows(SHEET, code));
      expect(verdict).toMatchObject({ verdict: 'accepted', device: SHEET });
      at = next;
    }
    const used = at.state.devices[0] as DeviceState;
    expect([used.spent, codesLeft(used)]).toEqual(['f'.repeat(MAX_SHEET_CODES / 4), 0]);
    for (const code of [0, 52, 53, 99])
      expect(told(at, asks, NOW, shows(SHEET, code)).verdict).toMatchObject({ reason: 'replayed', attemptsLeft: 5 });
  });

  test('spends the budget like every guess; a right code clears none and makes no origin known', () => {
    const wrong = { unknown: { wrong: 3, at: NOW } };
    const at = standing(account([phone(), sheet()], wrong));
    expect(told(at, asks, NOW, WRONG).verdict).toMatchObject({ reason: 'wrong_code', attemptsLeft: 1 });
    const decision = decide(at, attempt({ verb: 'sheet.verify', origin: 'o' }), NOW, shows(SHEET, 4));
    if (decision.kind !== 'append') throw new Error(decision.kind);
    expect(decision.event).toMatchObject({ type: 'sheet_used', device: SHEET, counter: 4, verb: 'sheet.verify' });
    expect(decision.event.state).toMatchObject(wrong);
    expect(decision.event.state).not.toHaveProperty('origins');
  });

  test('is looked at by `sheet.verify` alone, which looks at nothing else; by name, at that one', () => {
    const devices = [phone(), sheet(), sheet(OTHER), device('recovery0000' as DeviceId, 'recovery')];
    const at = standing(account(devices));
    const of = (question: typeof asks) => {
      const decision = judge(at, question, profilesOf(at.state), NOW);
      return decision.kind === 'ask' ? decision.candidates.map(({ device: { id } }) => id) : decision.kind;
    };
    expect(of(asks)).toEqual([SHEET, OTHER]);
    expect(of({ ...asks, device: OTHER })).toEqual([OTHER]);
    expect(of(attempt({ verb: 'recover' }))).toEqual(['recovery0000']);
    for (const verb of ['verify', 'resync'] as const) expect(of(attempt({ verb, device: SHEET }))).toBe('answer');
  });

  test('ends as a whole: revoked, disabled, or when its time is over', () => {
    const at = standing(account([sheet()]));
    const reason = ({ state }: typeof at, now = NOW) => {
      const decision = decide({ state, sequence: 9 }, asks, now, shows(SHEET, 4));
      return decision.kind === 'answer' ? decision.verdict.reason : decision.kind;
    };
    expect([reason(at), reason(at, END - 1), reason(at, END)]).toEqual(['append', 'append', 'disabled']);
    for (const how of ['disabled', 'revoked'] as const)
      expect(reason({ state: moved(at, how, SHEET, desk)!.state, sequence: 2 })).toBe('disabled');
    expect(aged(at.state, 1, END - 1).devices).toHaveLength(1);
    expect(aged(at.state, 1, END).devices).toHaveLength(0);
  });
});
