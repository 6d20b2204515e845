import type { Snippet } from './documents.js';

export interface KnownCommand {
  pattern: RegExp;
  /** where it is really run */
  by: string;
}

/** Commands of the countersign program: run as they stand, in running.spec.ts. */
export const COUNTERSIGN = /^npx countersign \S/;

/** Every command that a document may show. */
export const COMMANDS: KnownCommand[] = [
  { pattern: COUNTERSIGN, by: 'running.spec.ts' },
  { pattern: /^git clone <url of this repository> countersign && cd countersign$/, by: 'whoever reads this' },
  { pattern: /^npm start$/, by: 'running.spec.ts runs what it starts after the set-up' },
  { pattern: /^npm start -- --once$/, by: 'running.spec.ts runs what it starts after the set-up' },
  { pattern: /^npm test(?: -- (?:--selectProjects unit|[a-z][\w/-]*))?$/, by: 'this very run' },
  { pattern: /^npm run (?:build|lint|format)$/, by: 'test/tidy/clean.spec.ts' },
  { pattern: /^npm run bench(:import|:audit|:start)?( -- [-\w ",]+)?$/, by: 'test/bench, with options of its own' },
  { pattern: /^npm run soak( -- [-\w ]+)?$/, by: 'test/bench, for a moment' },
  { pattern: /^npm run torture -- [-\w ,./]+$/, by: 'test/torture, with options of its own' },
  { pattern: /^npm install --save-dev \.\.\/countersign\/clients\/testkit$/, by: 'test/testkit/example.spec.ts' },
  { pattern: /^npm run crash -- [-\w ]+$/, by: 'test/crash, with fewer' },
  { pattern: /^npm run tamper -- [-\w <>/]+$/, by: 'test/tamper, with fewer' },
  { pattern: /^sh deploy\/kubernetes\/example\/collect\.sh \.countersign$/, by: 'kubernetes.spec.ts' },
  { pattern: /^kubectl kustomize deploy\/kubernetes\/example$/, by: 'kubernetes.spec.ts, where there is a kubectl' },
  { pattern: /^docker compose (?:build|up|run --rm tour)$/, by: 'npm run compose:tour' },
  { pattern: /^npm run compose:tour$/, by: 'whoever has an engine for containers' },
  { pattern: /^countersign certificate (?:list|renew)$/, by: 'test/deploy/tls.spec.ts' },
];

/** The lines of a shell snippet. */
export const commandsIn = ({ text }: Snippet): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
