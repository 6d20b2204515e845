import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { templateOf } from '../testing/messages.js';
import { PLACEHOLDERS, Template } from './template.js';
import { Templates } from './templates.js';

const HOSTILE = `<b>&"'</b>\r\nBcc: eve@example.org\u2028\u202e`;

describe('a value', () => {
  const all = Object.fromEntries(PLACEHOLDERS.map((name) => [name, HOSTILE]));
  const words = templateOf(
    'Subject: {{purpose}}!\n\n{{code}} {{amount}} {{payee}}\n',
    '<a title="{{purpose}}">{{code}}</a>',
  ).render(all);

  test('makes no second line, in a subject or in text', () => {
    expect(words.subject).toBe(`<b>&"'</b> Bcc: eve@example.org !`);
    expect(words.text.trimEnd()).not.toMatch(/[\n\r\u2028\u202e]/);
  });

  test('makes no tag and ends no attribute in a page', () => {
    const harmless = '&lt;b&gt;&amp;&quot;&#39;&lt;/b&gt; Bcc: eve@example.org ';
    expect(words.html).toBe(`<a title="${harmless}">${harmless}</a>`);
  });

  test('that looks like a placeholder is none', () => {
    const { text } = templateOf('Subject: x\n\n{{code}} {{purpose}}\n').render({ code: '394820', purpose: '{{code}}' });
    expect(text).toBe('394820 {{code}}\n');
  });
});

test.each([
  ['', 'text', 1],
  ['Subject: \n\n{{code}}', 'text', 1],
  ['Betreff: x\n\n{{code}}', 'text', 1],
  ['Subject: {{cod}}\n\n{{code}}', 'text', 1],
  ['Subject: x\n{{code}}', 'text', 2],
  ['Subject: x\n\nno code', 'text', 3],
  ['Subject: x\n\n{{code}}\n\n{{ amount }}', 'text', 5],
  ['Subject: x\n\n{{code}}\nand {{code', 'text', 4],
  ['Subject: x\n\n{{code}}\n{{}}', 'text', 4],
  ['Subject: x\r\n\r\n{{code}}\r\n{{constructor}}', 'text', 4],
])('%j is no template: %s, line %i', (text, file, line) => {
  expect(Template.parse(text)).toMatchObject({ file, line });
});

test('a page is checked, too', () => {
  const text = 'Subject: x\n\n{{code}}';
  expect(Template.parse(text, '<p>\n{{code}}\n{{who}}')).toMatchObject({ file: 'html', line: 3 });
  expect(Template.parse(text, '<p>no code')).toMatchObject({ file: 'html', line: 1 });
});

describe('templates', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'delivery-templates-'));
    mkdirSync(join(folder, 'acme'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (file: string, text: string): void => writeFileSync(join(folder, 'acme', file), text);
  const read = (): { templates: Templates; problems: string[] } => {
    const problems: string[] = [];
    return { templates: Templates.read(folder, (text) => problems.push(text)), problems };
  };

  test('that are shipped are right, and each is there in English and German', () => {
    const { templates, problems } = read();
    expect(problems).toEqual([]);
    const shipped = readdirSync(new URL('../../templates', import.meta.url));
    expect(shipped.sort()).toEqual(['code.de.txt', 'code.en.txt', 'payment.de.txt', 'payment.en.txt']);
    for (const [name, needs] of Object.entries({
      code: ['code', 'minutes'],
      payment: ['code', 'amount', 'payee', 'minutes'],
    }))
      for (const language of ['en', 'de'])
        expect([...(templates.find('acme', name, language, 'en')?.template.needs ?? [])]).toEqual(needs);
  });

  test("are the tenant's own first, in the language wished, without its region, in the tenant's, in English", () => {
    put('code.fr.txt', 'Subject: Votre code\n\n{{code}}');
    put('code.en.txt', 'Subject: Ours\n\n{{code}}');
    put('card.de-AT.txt', 'Subject: Ihr Kartencode\n\n{{code}}');
    const { templates } = read();
    const found = (tenant: string, name: string, wished?: string, own = 'en'): string[] => {
      const chosen = templates.find(tenant, name, wished, own);
      return chosen ? [chosen.language, chosen.template.render({ code: '1', minutes: '5' }).subject] : [];
    };
    expect(found('acme', 'code', 'fr-CA')).toEqual(['fr', 'Votre code']);
    expect(found('acme', 'code', 'de-AT')).toEqual(['de', 'Ihr Anmeldecode']);
    expect(found('acme', 'card', 'de-at')).toEqual(['de-at', 'Ihr Kartencode']);
    expect(found('acme', 'code', 'it', 'fr')).toEqual(['fr', 'Votre code']);
    expect(found('acme', 'code', 'it')).toEqual(['en', 'Ours']);
    expect(found('beta', 'code', 'fr')).toEqual(['en', 'Your sign-in code']);
    expect(found('acme', 'card', 'en')).toEqual([]);
    expect(found('acme', 'other')).toEqual([]);
  });

  test('that are wrong are named, each with its line', () => {
    put('code.en.txt', 'Subject: x\n\nYour code is {{code}}.\nIt costs {{price}}.');
    put('card.en.html', '<p>{{code}}');
    put('notes.md', '');
    writeFileSync(join(folder, 'stray.txt'), '');
    expect(read().problems.sort()).toEqual([
      `${folder}/acme/card.en.txt is missing beside the page`,
      `${folder}/acme/code.en.txt:4: there is no {{price}}; there are code, minutes, purpose, amount, payee`,
      `${folder}/acme/notes.md should be named <template>.<language>.txt or .html`,
      `${folder}/stray.txt should be a folder named by a tenant`,
    ]);
  });
});
