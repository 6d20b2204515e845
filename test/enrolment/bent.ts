/** Values that are almost right. */

const bytesOf = (base64url: string): Buffer => Buffer.from(base64url, 'base64url');

/** The same bytes but for one bit. */
export function flipped(base64url: string, at: number): string {
  const bytes = bytesOf(base64url);
  bytes[at]! ^= 1;
  return bytes.toString('base64url');
}

/** Compressed, hybrid, off the curve, the identity, cut, one byte too long (SEC 1 section 2.3.3). */
export function badPoints(point: string): string[] {
  const good = bytesOf(point);
  const odd = good[64]! & 1;
  const forms = [
    Buffer.concat([Buffer.from([2 + odd]), good.subarray(1, 33)]),
    Buffer.concat([Buffer.from([6 + odd]), good.subarray(1)]),
    Buffer.concat([good.subarray(0, 33), Buffer.alloc(32)]),
    Buffer.from([0]),
    Buffer.alloc(65),
    good.subarray(0, 64),
    Buffer.concat([good, Buffer.from([0])]),
  ];
  return [...forms.map((form) => form.toString('base64url')), flipped(point, 64)];
}

/** What is no text of ours, whatever the field. */
export const MALFORMED = [undefined, null, '', 7, [], {}, 'A'.repeat(300)];
