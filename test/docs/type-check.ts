import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../tidy/workspaces.js';

const FILE = join(root, 'test', 'docs', '_snippet.ts'); // never written: the compiler reads it from memory

const { config } = ts.readConfigFile(join(root, 'tsconfig.test.json'), (path) => ts.sys.readFile(path));
const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root);

let last: ts.Program | undefined;

/** What the compiler says of a module, as lines; sees the sources of every workspace. */
export function complaintsAbout(source: string): string[] {
  const host = ts.createCompilerHost(options);
  const fromDisk = host.getSourceFile.bind(host);
  host.fileExists = (path) => path === FILE || ts.sys.fileExists(path);
  host.getSourceFile = (path, language) =>
    path === FILE
      ? ts.createSourceFile(path, source, language, true)
      : (last?.getSourceFile(path) ?? fromDisk(path, language));
  const program = ts.createProgram([FILE], options, host);
  last = program;
  const file = program.getSourceFile(FILE);
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  );
}
