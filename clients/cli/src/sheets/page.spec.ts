import { expect, test } from '@jest/globals';
import { htmlPage, textPage } from './page.js';

const sheet = {
  ...{ account: `<script>alert("o'hara")</script>`, device: 'mnpqrstvwxyz' },
  ...{ expiresAt: Date.UTC(2030, 11, 31, 8), codes: ['ryfmf-6nw7h', '00000-00001'] },
};

test('a printed page has every code once, and says whose it is and how long it is good', () => {
  for (const page of [htmlPage(sheet), textPage(sheet)]) {
    for (const code of sheet.codes) expect(page.split(code)).toHaveLength(2);
    expect(page).toContain('Sheet mnpqrstvwxyz. Good until 2030-12-31.');
  }
  expect(textPage(sheet)).toContain(`Codes of ${sheet.account}\n`);
});

test('a name is text in the page, and no markup; the page loads nothing', () => {
  const page = htmlPage(sheet);
  expect(page).toContain('&#60;script&#62;alert(&#34;o&#39;hara&#34;)&#60;/script&#62;');
  expect(page).not.toMatch(/<script|src=|href=|url\(/);
});
