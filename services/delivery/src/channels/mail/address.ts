const LOCAL = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** RFC 5321 section 4.1.2: dot-string at domain. No quoted names, comments, routes, lists or addresses in brackets. */
const ADDRESS = new RegExp(`^(?=.{1,254}$)(?=[^@]{1,64}@)${LOCAL}@(?:${LABEL}\\.)*${LABEL}$`);

/** Exactly one plain address in ASCII: nothing that could end a header or name a second recipient. */
export const isMailAddress = (text: string): boolean => ADDRESS.test(text);

export interface Mailbox {
  /** shown beside the address */
  name: string;
  address: string;
}

/** `Acme <codes@acme.example>`, or the address alone. Undefined for anything else. */
export function parseMailbox(text: string): Mailbox | undefined {
  const [, name = '', address = ''] = /^([^<>"\p{Cc}]*)<([^<>]*)>$/u.exec(text) ?? [undefined, '', text];
  return isMailAddress(address) ? { name: name.trim(), address } : undefined;
}
