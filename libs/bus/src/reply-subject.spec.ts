import { describe, expect, test } from '@jest/globals';
import { isReplySubject } from './reply-subject.js';

describe('a reply may go to', () => {
  test.each(['_R_.a.b', '_INBOX_web.x.1', '_INBOX_web', '_INBOX_key-derivation.AbC.0z'])('%s', (reply) => {
    expect(isReplySubject(reply)).toBe(true);
  });
});

describe('a reply may not go to', () => {
  test.each([
    undefined,
    '',
    'ledger.acme.x',
    '$JS.API.STREAM.DELETE.ledger',
    '$SRV.PING',
    '_R_',
    '_R_.',
    '_R_x.y',
    '_INBOX_',
    '_INBOX.abc.1',
    '_inbox_web.x',
    'x._INBOX_web.x',
    '_INBOX_web.*',
    '_INBOX_web.>',
    '_R_.>',
    '_INBOX_web.a b',
    '_INBOX_web.a\tb',
    '_INBOX_web.a\r\nPUB x 0',
    '_INBOX_web..x',
    '_INBOX_web.',
    '_INBOX_web.é',
    `_INBOX_${'x'.repeat(300)}`,
  ])('%j', (reply) => {
    expect(isReplySubject(reply)).toBe(false);
  });
});
