/** Not empty, no Unicode space, no plus (C2SP signed-note); nothing that ends a line or is no text. */
const NAME = /^[^\0-\x20\p{White_Space}+\p{Surrogate}]+$/u;

export const isKeyName = (name: string): boolean => NAME.test(name);
