import { describe, expect, test } from '@jest/globals';
import { answeredInAYear, chanceInAYear, type OwnerSignsIn } from '@countersign/account';
import {
  DEFAULT_POLICY,
  Failures,
  POLICY_CHOICES,
  POLICY_RANGES,
  type Policy,
  REJECTIONS,
  SERVICES,
  VERBS,
} from '@countersign/contracts';
import { manifest, workspaces } from '../tidy/workspaces.js';
import { DOCUMENTS, bare, quoted, tableRows, textOf } from './documents.js';
import { integersIn, variablesIn } from './variables.js';

type Guessed = Parameters<typeof chanceInAYear>[0];

describe('docs/configuration.md', () => {
  const rowsOf = (section: string): string[][] => tableRows('docs/configuration.md', section, 'variable');
  const namesIn = (section: string): string[] => rowsOf(section).map(([name]) => bare(name));

  test('lists what every service reads', () => {
    expect(namesIn('Every service').sort()).toEqual(
      [
        'libs/bus/src/environment.ts',
        'libs/runtime/src/config.ts',
        'libs/observe/src/listener.ts',
        'libs/observe/src/tracing.ts',
      ]
        .flatMap((file) => [...variablesIn(file)])
        .sort(),
    );
  });

  test.each(SERVICES)('lists what %s reads', (service) => {
    expect(namesIn(service).sort()).toEqual(variablesIn(`services/${service}/src/config.ts`));
  });

  test.each(SERVICES)('says unit, range and default of what %s reads', (service) => {
    const declared = integersIn(`services/${service}/src/config.ts`);
    expect(declared.length).toBeGreaterThan(0);
    for (const { name, unit, min, max, fallback } of declared) {
      const [, range, standard] = rowsOf(service).find(([variable]) => bare(variable) === name) ?? [];
      expect({ name, range, standard }).toEqual({ name, range: `${unit}, ${min} to ${max}`, standard: `${fallback}` });
    }
  });

  test('names what the key ceremony reads', () => {
    const named = quoted(textOf('docs/configuration.md'));
    const missing = variablesIn('services/key-derivation/src/ceremony.ts').filter((name) => !named.includes(name));
    expect(missing).toEqual([]);
  });
});

describe('failures', () => {
  const codes = Object.keys(Failures);

  test('docs/verify.md says status and retry of each', () => {
    const said = tableRows('docs/verify.md', 'Failures', 'code').map(([code, status, retry]) => [
      bare(code),
      Number(status),
      retry === 'yes',
    ]);
    expect(said).toEqual(Object.entries(Failures).map(([code, { status, retry }]) => [code, status, retry]));
  });

  test('docs/troubleshooting.md says cause and cure of each', () => {
    const rows = tableRows('docs/troubleshooting.md', 'A failure code', 'code');
    expect(rows.map(([code]) => bare(code))).toEqual(codes);
    for (const row of rows) expect(row.map((cell) => cell === '')).toEqual([false, false, false]);
  });
});

test.each([
  ['README.md', 'Ask from a backend', 'verdict', 1],
  ['docs/verify.md', 'The answer', 'reason', 0],
])('%s explains every reason of a rejection', (file, heading, first, column) => {
  const reasons = tableRows(file, heading, first).map((row) => bare(row[column]));
  expect(reasons.filter((reason) => reason !== '')).toEqual([...REJECTIONS]);
});

test('ARCHITECTURE.md says who asks and who answers each verb', () => {
  const rows = tableRows('ARCHITECTURE.md', 'Accounts, imports and rights on NATS', 'verb');
  expect(rows.map(([verb, roles, service]) => [bare(verb), roles, service])).toEqual(
    Object.entries(VERBS).map(([verb, { roles, service }]) => [verb, roles.join(', '), service]),
  );
});

describe('docs/events.md', () => {
  interface Described {
    properties: Record<string, { const?: string; 'x-unit'?: string }>;
  }
  const { $defs } = JSON.parse(textOf('docs/api/events.schema.json')) as { $defs: Record<string, Described> };
  const events = Object.values($defs).filter(({ properties }) => properties['type'] !== undefined);
  const typeOf = ({ properties }: Described): string => properties['type']?.const as string;
  const known = events.filter((event) => typeOf(event) !== 'unreadable');
  const COMMON = tableRows('docs/events.md', 'What every event has', 'field').map(([field]) => bare(field));
  const rows = tableRows('docs/events.md', 'Types', 'type');

  test('lists every type of event', () => {
    expect(known.length).toBeGreaterThan(10);
    expect(rows.map(([type]) => bare(type)).sort()).toEqual(known.map(typeOf).sort());
  });

  test.each(known.map((event) => [typeOf(event), event] as const))('says what %s holds', (type, { properties }) => {
    const [, , holds] = rows.find(([name]) => bare(name) === type) ?? [];
    const own = Object.keys(properties).filter((field) => !COMMON.includes(field));
    expect(quoted(holds).sort()).toEqual(own.sort());
  });

  test('explains every field, with its unit', () => {
    const explained = [
      ...tableRows('docs/events.md', 'What every event has', 'field').map(([field, unit]) => [bare(field), unit]),
      ...tableRows('docs/events.md', 'Types', 'field').map(([field]) => [bare(field), '']),
    ];
    const fields = new Set(known.flatMap(({ properties }) => Object.keys(properties)));
    expect(explained.map(([field]) => field).sort()).toEqual([...fields].sort());
    const time = explained.filter(([, unit]) => unit === 'ms since 1970').map(([field]) => field);
    expect(time).toEqual(['storedAt', 'at']);
  });
});

describe('the chance of guessing', () => {
  const percent = (profile: Guessed, owner: OwnerSignsIn): string =>
    `${Number((100 * chanceInAYear(profile, DEFAULT_POLICY, owner)).toPrecision(2))} %`;
  const OWNERS: Record<string, OwnerSignsIn> = {
    'signs in from known origins': 'elsewhere',
    'states no origins': 'here',
  };

  test('in docs/verify.md is what the default policy makes it', () => {
    const rows = tableRows('docs/verify.md', 'The budget', 'the owner');
    const right = Object.entries(OWNERS).map(([what, owner]) => [
      what,
      `${answeredInAYear(DEFAULT_POLICY, owner)}`,
      ...(['totp', 'hotp'] as const).map((type) => percent({ type, digits: 6, devices: 1 }, owner)),
    ]);
    expect(rows).toEqual(right);
  });

  test.each(Object.entries(OWNERS))('in docs/security.md, for 1 to 16 devices, where the owner %s', (what, owner) => {
    const rows = tableRows('docs/security.md', 'The chance of guessing', `owner ${what}: devices`);
    const right = Array.from({ length: 16 }, (_, index) => [
      `${index + 1}`,
      ...(['totp', 'hotp'] as const).flatMap((type) =>
        [6, 7, 8].map((digits) => percent({ type, digits, devices: index + 1 }, owner)),
      ),
    ]);
    expect(rows).toEqual(right);
  });
});

test('docs/verify.md says unit, range and default of every field of the policy', () => {
  const rows = tableRows('docs/verify.md', 'What a tenant decides', 'field').map(([field, range, standard]) => [
    bare(field),
    range,
    standard,
  ]);
  const rangeOf = (field: keyof Policy): string =>
    field in POLICY_CHOICES
      ? POLICY_CHOICES[field as keyof typeof POLICY_CHOICES].join(' or ')
      : POLICY_RANGES[field as keyof typeof POLICY_RANGES].join(' to ');
  const right = Object.entries(DEFAULT_POLICY).map(([field, standard]) => [
    field,
    rangeOf(field as keyof Policy),
    `${standard}`,
  ]);
  expect(rows).toEqual(right);
});

test('every package that the platform runs on has a reason in a decision record', () => {
  const records = DOCUMENTS.filter((file) => file.startsWith('docs/decisions/')).flatMap((file) =>
    quoted(textOf(file)),
  );
  const explained = (name: string): boolean => records.includes(name) || records.includes(name.replace(/\/.*/, '/*'));
  const used = workspaces().flatMap(({ declared }) => declared);
  const foreign = [...new Set(used)].filter((name) => !name.startsWith('@countersign/'));
  expect(foreign.length).toBeGreaterThan(10);
  expect(foreign.filter((name) => !explained(name))).toEqual([]);
  expect(manifest('.').dependencies ?? {}).toEqual({});
});
