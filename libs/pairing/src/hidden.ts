/**
 * A secret that is lent: what `Secret` of libs/runtime is for Node, and can be in a browser, where there is no Buffer.
 * A Secret passes for one.
 */
export interface Hidden<T = Uint8Array> {
  reveal(): T;
}

/** Hides a value from logs, JSON and inspectors. It cannot be wiped: JavaScript does not forget big integers and text. */
export function hide<T>(value: T): Hidden<T> {
  return { reveal: () => value };
}
