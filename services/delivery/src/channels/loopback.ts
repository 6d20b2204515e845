/** A host that is this machine by its name or address, as configuration spells it: what is said to it passes no wire. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
