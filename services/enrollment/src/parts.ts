/** Injection tokens of parts that are interfaces or plain values. */
export const CLOCK = Symbol('Clock');
export const RANDOM = Symbol('Random');
export const PUBLIC_KEYS = Symbol('PublicKeys');
export const SCRYPT = Symbol('Scrypt');
/** this replica's name */
export const REPLICA = Symbol('Replica');
