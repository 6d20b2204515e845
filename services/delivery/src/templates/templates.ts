import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TENANT_PATTERN } from '@countersign/contracts';
import { Template } from './template.js';

const SHIPPED = fileURLToPath(new URL('../../templates', import.meta.url));
const FILE = /^([a-z0-9][a-z0-9-]{0,31})\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.(txt|html)$/;
const FALLBACK_LANGUAGE = 'en'; // every template that is shipped has it

export interface Chosen {
  template: Template;
  /** the one found, which may be another than the one wished */
  language: string;
}

/** The words that codes are sent in: those that a tenant has in its folder, else those that are shipped. */
export class Templates {
  /** by folder, template and language */
  private constructor(private readonly found: Map<string, Template>) {}

  /**
   * Reads what is shipped and, in `folder`, `<tenant>/<template>.<language>.txt` with `.html` beside it. `problem` is told
   * of each file that is no template, with its line.
   */
  static read(folder: string | undefined, problem: (text: string) => void): Templates {
    const found = new Map<string, Template>();
    readFolder(SHIPPED, '', found, problem);
    const tenants = folder === undefined ? [] : readdirSync(folder, { withFileTypes: true });
    for (const entry of tenants) {
      const path = join(folder as string, entry.name);
      if (!entry.isDirectory() || !TENANT_PATTERN.test(entry.name))
        problem(`${path} should be a folder named by a tenant`);
      else readFolder(path, entry.name, found, problem);
    }
    return new Templates(found);
  }

  /** The first there is: in the language wished, without its region, in the tenant's, in English; the tenant's own first. */
  find(tenant: string, name: string, wished: string | undefined, ofTenant: string): Chosen | undefined {
    const languages = [wished, ofTenant, FALLBACK_LANGUAGE].flatMap((tag) =>
      tag ? [tag, tag.split('-')[0] ?? tag] : [],
    );
    for (const language of languages)
      for (const owner of [tenant, '']) {
        const template = this.found.get(key(owner, name, language));
        if (template) return { template, language };
      }
    return undefined;
  }
}

const key = (owner: string, name: string, language: string): string => `${owner}/${name}.${language.toLowerCase()}`;

function readFolder(
  folder: string,
  owner: string,
  found: Map<string, Template>,
  problem: (text: string) => void,
): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const [, name = '', language = '', kind] = FILE.exec(file) ?? [];
    if (kind === undefined) problem(`${path} should be named <template>.<language>.txt or .html`);
    const beside = path.replace(/\.html$/, '.txt');
    if (kind === 'html' && !existsSync(beside)) problem(`${beside} is missing beside the page`);
    if (kind !== 'txt') continue;
    const page = path.replace(/\.txt$/, '.html');
    const parsed = Template.parse(
      readFileSync(path, 'utf8'),
      existsSync(page) ? readFileSync(page, 'utf8') : undefined,
    );
    if (parsed instanceof Template) found.set(key(owner, name, language), parsed);
    else problem(`${parsed.file === 'html' ? page : path}:${parsed.line}: ${parsed.problem}`);
  }
}
