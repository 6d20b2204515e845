/**
 * What numbers and texts in answers stand for. The names say it to readers; the tags say it to the generated documents
 * (libs/api), since for the compiler a sequence and a length of time are both a number.
 */

/**
 * a time, UTC
 * @integer
 * @minimum 0
 * @unit ms since 1970
 */
export type UnixMs = number;

/**
 * a length of time
 * @integer
 * @minimum 0
 * @unit ms
 */
export type Milliseconds = number;

/**
 * a length of time
 * @integer
 * @minimum 0
 * @unit s
 */
export type Seconds = number;

/**
 * a length of time
 * @integer
 * @minimum 0
 * @unit min
 */
export type Minutes = number;

/**
 * a length of time
 * @integer
 * @minimum 0
 * @unit days
 */
export type Days = number;

/**
 * a time, UTC; may lie before 1970
 * @integer
 * @unit s since 1970
 */
export type UnixSeconds = number;

/**
 * a place in the ledger: grows, with gaps
 * @integer
 * @minimum 0
 * @unit sequence
 */
export type Sequence = number;

/**
 * how many
 * @integer
 * @minimum 0
 */
export type Count = number;

/**
 * bytes as base64url without padding (RFC 4648 section 5)
 * @pattern ^[A-Za-z0-9_-]+$
 */
export type Base64url = string;

/**
 * an account's id
 * @pattern ^[0-9a-hjkmnp-tv-z]{20}$
 */
export type AccountIdText = string;

/**
 * a challenge's id
 * @pattern ^[0-9a-hjkmnp-tv-z]{16}$
 */
export type ChallengeIdText = string;

/**
 * a device's id
 * @pattern ^[0-9a-hjkmnp-tv-z]{12}$
 */
export type DeviceIdText = string;
