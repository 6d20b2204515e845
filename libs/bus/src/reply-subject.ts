/**
 * Where replies may go: to inboxes, and across account imports (`_R_`). A service that published to whatever subject
 * a request names as its reply would lend its rights to the caller, who could make it write into streams.
 */
export const REPLY_PREFIXES: readonly string[] = ['_R_.', '_INBOX_'];

const MAX_REPLY_CHARACTERS = 256;

/** Whether `reply` begins like an inbox and is one exact subject: no wildcard, blank, control or empty token. */
export function isReplySubject(
  reply: string | undefined,
  prefixes: readonly string[] = REPLY_PREFIXES,
): reply is string {
  if (reply === undefined || reply.length > MAX_REPLY_CHARACTERS) return false;
  if (!prefixes.some((prefix) => reply.startsWith(prefix) && reply.length > prefix.length)) return false;
  return /^[!-)+-=?-~]+$/.test(reply) && !reply.includes('..') && !reply.endsWith('.');
}
