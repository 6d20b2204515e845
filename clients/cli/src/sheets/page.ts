/** A sheet as people get it. */
export interface PrintedSheet {
  /** the account, as it was asked for */
  account: string;
  device: string;
  expiresAt: number;
  codes: readonly string[];
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const tillAndOf = ({ device, expiresAt }: PrintedSheet): string => `Sheet ${device}. Good until ${dayOf(expiresAt)}.`;
const RULE = 'Each code is good once. Cross out what you used.';

/** To be printed: one page of HTML that loads nothing. */
export function htmlPage(sheet: PrintedSheet): string {
  const title = `Codes of ${escaped(sheet.account)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>
  body { font: 12pt sans-serif; margin: 2cm; }
  ol { columns: 2; font: 14pt monospace; line-height: 2; }
  li { break-inside: avoid; padding-left: 0.5em; }
</style>
</head>
<body>
<h1>${title}</h1>
<p>${tillAndOf(sheet)} ${RULE}</p>
<ol>
${sheet.codes.map((code) => `  <li>${escaped(code)}</li>`).join('\n')}
</ol>
</body>
</html>
`;
}

/** The same as plain text. */
export function textPage(sheet: PrintedSheet): string {
  const codes = sheet.codes.map((code, at) => `${String(at + 1).padStart(3)}  ${code}`);
  return [`Codes of ${sheet.account}`, tillAndOf(sheet), RULE, '', ...codes, ''].join('\n');
}
