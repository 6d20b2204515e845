import { expect, test } from '@jest/globals';
import { SCRYPT_COSTS, TWO_STEP_LIMITS, formatInvitation, parseInvitation } from '@countersign/pairing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tidy/workspaces.js';
import { PUBLIC } from '../fuzz/good-messages.js';
import { bare, quoted, snippetsIn, tableRows, textOf } from './documents.js';

const BY_PIN = 'docs/protocol/pairing-by-pin.md';
const TWO_STEP = 'docs/protocol/two-step.md';
const ACTIVATION = 'docs/protocol/activation.md';
const RECOVERY = 'docs/protocol/recovery-codes.md';
const REKEY = 'docs/protocol/rekey.md';
const INVITATION = 'docs/protocol/invitation.md';

/** A file of test/vectors, as records of text, for what is looked up here. */
function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(join(root, 'test', 'vectors', name), 'utf8')) as T;
}

test('pairing by PIN: the numbers on the page are those of the vector, and each message has its fields', () => {
  const vector = vectors<
    Record<'share_request' | 'share_reply' | 'confirm_request' | 'provision_reply', Record<string, unknown>> &
      Record<'w0_hex' | 'w1_hex' | 'session_key_hex', string>
  >('pairing-by-pin-v1.json');
  const { share_request, share_reply, confirm_request, provision_reply, w0_hex, w1_hex, session_key_hex } = vector;
  const shown = tableRows(BY_PIN, 'Test vector', 'value').map(([, value]) => bare(value));
  const confirmations = [share_reply['confirm'], confirm_request['confirm'], provision_reply['seal']];
  expect(shown).toEqual([w0_hex, w1_hex, ...confirmations, session_key_hex]);

  const fields = tableRows(BY_PIN, 'Messages', 'message').flatMap(([, , field]) => quoted(field));
  const messages = [share_request, share_reply, confirm_request].flatMap((message) => Object.keys(message));
  expect(fields).toEqual([...messages, 'seal']);
});

test('pairing by PIN: the page names the cost of scrypt', () => {
  const { N, r, p } = SCRYPT_COSTS[1];
  expect(textOf(BY_PIN)).toContain(`scrypt (N = ${N}, r = ${r}, p = ${p}, no salt, 80 bytes)`);
});

test('activation: the numbers on the page are those of the vector, and what a device sends has its fields', () => {
  const vector = vectors<{ redeem_request: object; redeem_reply: { wrapped: string } } & Record<string, string>>(
    'activation-v1.json',
  );
  const { token_hex, digest, transcript_hash_hex, redeem_reply, key_hex } = vector;
  const shown = tableRows(ACTIVATION, 'Test vector', 'value').map(([, value]) => bare(value));
  expect(shown).toEqual([token_hex, digest, transcript_hash_hex, redeem_reply.wrapped, key_hex]);
  const fields = tableRows(ACTIVATION, 'Messages', 'message').flatMap(([, , field]) => quoted(field));
  expect(fields).toEqual(expect.arrayContaining(Object.keys(vector.redeem_request)));
});

test('re-key: the numbers on the page are those of the vector, and each message has its fields', () => {
  type Message = Record<string, unknown>;
  const vector =
    vectors<Record<'begin_request' | 'begin_reply' | 'attest_request' | 'attest_reply', Message>>('rekey-v1.json');
  const { begin_request, begin_reply, attest_request, attest_reply } = vector;
  const shown = tableRows(REKEY, 'Test vector', 'value').map(([, value]) => bare(value));
  const values = [begin_request['proof'], begin_reply['wrapped'], begin_reply['seal'], attest_reply['signature']];
  expect(shown).toEqual(values);
  const fields = tableRows(REKEY, 'Messages', 'message').flatMap(([, , field]) => quoted(field));
  const confirm = ['id', 'device', 'epoch', 'code', 'requestId'];
  const attest = [...Object.keys(attest_request), ...Object.keys(attest_reply), 'rekeyDue'];
  expect(fields).toEqual([...Object.keys(begin_request), 'seal', ...confirm, ...attest]);
});

test('two-step: limits and worked examples are those of the library and of the vectors', () => {
  const range = ({ min, max }: { min: number; max: number }): string =>
    `${min.toLocaleString('en')} to ${max.toLocaleString('en')}`;
  const limits = tableRows(TWO_STEP, 'The URI', 'field').map(([field, , limit]) => [bare(field), limit]);
  expect(limits).toEqual([
    ['2step_salt', range(TWO_STEP_LIMITS.phonePartBytes)],
    ['2step_output', '20, 32 or 64'],
    ['2step_difficulty', range(TWO_STEP_LIMITS.rounds)],
  ]);

  const { vectors: all } = vectors<{ vectors: Record<string, string>[] }>('privacyidea-two-step.json');
  const rowsOf = (heading: string, first: string): string[][] =>
    tableRows(TWO_STEP, heading, first).map((row) => row.map(bare));
  const named = (vector: Record<string, string>, ...names: string[]): string[] =>
    names.map((name) => String(vector[name]));
  expect(rowsOf("The phone's part as text", 'part (hexadecimal)')).toEqual(
    all.slice(0, 2).map((each) => named(each, 'client_component_hex', 'checksum_hex', 'display_groups_of_4')),
  );
  const seed = ['server_component_hex', 'client_component_hex', '2step_difficulty', 'final_seed_hex'];
  expect(rowsOf('The seed', "server's part")).toEqual(all.slice(0, 1).map((each) => named(each, ...seed)));
});

test('the text of a QR code: the examples are read, written again as they are, and have the fields of the table', () => {
  const [{ text } = { text: '' }] = snippetsIn(INVITATION);
  const examples = text.trim().split('\n');
  expect(examples.map((example) => parseInvitation(example).kind)).toEqual(['pair', 'activate']);
  expect(examples.map((example) => formatInvitation(parseInvitation(example)))).toEqual(examples);
  const fields = examples.flatMap((example) => [...new URL(example).searchParams.keys()]);
  const rows = tableRows(INVITATION, 'The text of a QR code', 'field').map(([field]) => bare(field));
  expect([...new Set(fields)].sort()).toEqual(rows.sort());
});

test('recovery codes: the sheet on the page is that of the vector, and the messages have their fields', () => {
  const { sheets } = vectors<{ sheets: { key_hex: string; codes: { counter: number; shown: string }[] }[] }>(
    'recovery-codes-v1.json',
  );
  const [first] = sheets;
  const rows = tableRows(RECOVERY, 'Test vector', 'code').map(([counter, shown]) => [Number(counter), bare(shown)]);
  expect(rows).toEqual(first?.codes.map(({ counter, shown }) => [counter, shown]));
  expect(textOf(RECOVERY)).toContain(`\`${first?.key_hex}\``);
  const fields = tableRows(RECOVERY, 'Messages', 'message').flatMap(([, , field]) => quoted(field));
  const said = (['recovery.issue', 'recover'] as const).flatMap((verb) => Object.keys(PUBLIC[verb].message));
  expect(fields.sort()).toEqual(said.sort());
});
