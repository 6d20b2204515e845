import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { ROOT } from '@countersign/local';
import { SNIPPETS } from '../docs/documents.js';
import { compiled } from '../docs/programs.js';

const LIBRARIES = ['runtime', 'contracts', 'oath', 'pairing'];

/** What a page writes into its head so that plain modules are found by the names of their packages: no bundler is needed. */
const IMPORT_MAP = {
  imports: {
    ...Object.fromEntries(LIBRARIES.map((name) => [`@countersign/${name}/portable`, `/libs/${name}/dist/portable.js`])),
    '@countersign/device': '/clients/device/dist/index.js',
    canonicalize: '/node_modules/canonicalize/lib/canonicalize.js',
    '@scure/base': '/node_modules/@scure/base/index.js',
    ...Object.fromEntries(
      ['ciphers', 'curves', 'hashes'].map((name) => [`@noble/${name}/`, `/node_modules/@noble/${name}/`]),
    ),
  },
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>a device</title>
<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script>
<script type="module" src="/test/browser/page.mjs"></script>`;

/** The program in the device library's README, as a page may load it. */
function readmeProgram(): string {
  const program = SNIPPETS.find(({ file, language }) => file === 'clients/device/README.md' && language === 'ts');
  if (program === undefined) throw new Error('the README of the device library has no program');
  return compiled(program.text);
}

/** What a page asks of its server besides modules: the text that it posts to a path, and the text that answers. */
export type Posted = (path: string, text: string) => Promise<string>;

/** A web server as a gateway may have one: serves the page and the built modules, and hands on what is posted. */
export async function serveModules(posted: Posted): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, posted).catch((error: Error) => {
      response.writeHead(500).end(error.message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { origin: `http://127.0.0.1:${port}`, close };
}

async function answer(request: IncomingMessage, response: ServerResponse, posted: Posted): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname;
  if (request.method === 'POST') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(await posted(path, Buffer.concat(chunks).toString('utf8')));
  } else if (path === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  else if (/\.m?js$/.test(path)) {
    const program = path === '/readme.js' ? readmeProgram() : readFileSync(join(ROOT, normalize(path)));
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(program);
  } else response.writeHead(404).end();
}
