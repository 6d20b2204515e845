import { describe, expect, test } from '@jest/globals';
import { Failure, Failures, type FailureCode } from '@countersign/contracts';
import { AlreadyUp } from '@countersign/local';
import { CommanderError } from 'commander';
import { Unusable, endOf } from './exit.js';

describe('how a command ends', () => {
  const statuses: Record<FailureCode, number> = {
    INVALID_ARGUMENT: 2,
    FORBIDDEN: 1,
    NOT_FOUND: 1,
    CONFLICT: 1,
    TOO_LARGE: 1,
    LIMIT: 1,
    BUSY: 4,
    INTERNAL: 1,
    UNAVAILABLE: 4,
    ROLLBACK: 1,
    OUTCOME_UNKNOWN: 4,
  };
  test.each(Object.keys(Failures) as FailureCode[])('a failure %s has a status of its own kind', (code) => {
    expect(endOf(new Failure(code, 'why'))).toEqual({ status: statuses[code], code, message: 'why' });
  });

  test.each([
    [new CommanderError(1, 'commander.unknownOption', 'it said so'), { status: 2, code: 'USAGE', message: '' }],
    [new CommanderError(0, 'commander.helpDisplayed', ''), { status: 0, code: 'USAGE', message: '' }],
    [new Unusable('no such device'), { status: 2, code: 'USAGE', message: 'no such device' }],
    [new Error('defect'), { status: 1, code: 'FAILED', message: 'defect' }],
    ['a text', { status: 1, code: 'FAILED', message: 'a text' }],
  ])('%p', (error, end) => {
    expect(endOf(error)).toEqual(end);
  });

  test('a platform that runs already', () => {
    expect(endOf(new AlreadyUp('/x', 7))).toMatchObject({ status: 1, code: 'ALREADY_UP' });
  });
});
