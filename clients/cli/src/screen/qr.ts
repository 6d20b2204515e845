import { renderUnicodeCompact } from 'uqr'; // no dependencies of its own, and half blocks fit a terminal of 80 columns

/** Light modules are drawn and dark ones left out, as cameras expect on a dark terminal; most read it inverted too. */
export function qrLines(text: string): string[] {
  return renderUnicodeCompact(text, { ecc: 'L', border: 2 }).split('\n');
}
