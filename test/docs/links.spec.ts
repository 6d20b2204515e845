import { expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from '../tidy/workspaces.js';
import { DOCUMENTS, proseOf, textOf } from './documents.js';

const LINK = /\[[^\]]*\]\(([^)\s#]*)(?:#([^)\s]*))?\)/g;
const PATH = /`((?:libs|services|clients|deploy|test|docs)\/[\w./-]+)`/g;
const PLACEHOLDER = /\bNNN\b/;

/** A heading's anchor, as GitHub and others make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsIn = (file: string): string[] =>
  [...proseOf(file).matchAll(/^#{1,6} (.*)$/gm)].map((match) => anchorOf(match[1] as string));

test.each(DOCUMENTS)('every link in %s leads somewhere', (file) => {
  const broken = [...proseOf(file).matchAll(LINK)]
    .map(([, path = '', anchor]) => ({ path, anchor }))
    .filter(({ path }) => !/^[a-z]+:/.test(path))
    .filter(({ path, anchor }) => {
      const target = path === '' ? file : normalize(join(dirname(file), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsIn(target).includes(anchor);
    });
  expect(broken).toEqual([]);
});

test.each(DOCUMENTS)('every file that %s names is there', (file) => {
  const named = [...textOf(file).matchAll(PATH)].map((match) => match[1] as string);
  expect(named.filter((path) => !PLACEHOLDER.test(path) && !existsSync(join(root, path)))).toEqual([]);
});

test('every page of docs is linked from somewhere', () => {
  const linked = DOCUMENTS.flatMap((file) =>
    [...proseOf(file).matchAll(LINK)].map(([, path = '']) => normalize(join(dirname(file), path))),
  );
  const pages = DOCUMENTS.filter((file) => /^docs\/[^/]+$/.test(file));
  expect(pages.filter((page) => !linked.includes(page))).toEqual([]);
});
