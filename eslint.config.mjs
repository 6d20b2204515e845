import boundaries from 'eslint-plugin-boundaries';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { ARROWS, HSM_HOLDER } from './test/tidy/arrows.mjs';

const RANDOM = 'Randomness is an argument: take a Random (libs/runtime) through the constructor.';
const TIME = 'Time is an argument: take a Clock (libs/runtime) through the constructor.';

const workspaces = Object.keys(ARROWS);

export default tseslint.config(
  { ignores: ['**/dist/', '**/node_modules/', '.countersign/', 'coverage/'] },
  {
    files: ['**/*.ts', 'deploy/bootstrap/*.mjs', 'test/**/*.mjs'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { project: ['./tsconfig.test.json'], tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/require-await': 'off', // async without await turns what is thrown into a rejection, as interfaces promise
      '@typescript-eslint/consistent-type-imports': 'off', // constructor parameters of Nest classes must stay values
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { boundaries },
    settings: {
      'import/resolver': { typescript: { project: './tsconfig.test.json' } },
      'boundaries/elements': workspaces.map((folder) => ({ type: folder, pattern: folder, partialMatch: false })),
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            ...workspaces.map((folder) => ({
              from: { element: { type: folder } },
              allow: { to: { element: { types: { anyOf: [folder, ...(ARROWS[folder] ?? [])] } } } },
            })),
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: [`${HSM_HOLDER}/**`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { paths: [{ name: 'pkcs11js', message: `Only ${HSM_HOLDER} loads the HSM's library.` }] },
      ],
    },
  },
  {
    files: ['libs/**/*.ts', 'services/**/*.ts', 'clients/**/*.ts', 'deploy/**/*.ts'],
    ignores: ['libs/runtime/**', '**/*.spec.ts', '**/*.suite.ts', '**/test/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: TIME },
        { object: 'Math', property: 'random', message: RANDOM },
        ...['randomBytes', 'randomInt', 'randomUUID', 'getRandomValues'].map((property) => ({
          property,
          message: RANDOM,
        })),
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:crypto', 'crypto'].map((name) => ({
            name,
            importNames: ['randomBytes', 'randomInt', 'randomUUID', 'randomFill', 'randomFillSync', 'getRandomValues'],
            message: RANDOM,
          })),
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: TIME },
        { selector: "CallExpression[callee.name='Date']", message: TIME },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.suite.ts', '**/test/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: ['**/*.spec.ts', '**/*.suite.ts', '**/test/**/*.ts', '**/*.mjs'],
    rules: {
      // vectors are JSON and Jest's matchers are `any`; in .mjs the linter does not see what a JSDoc comment says of a value
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  prettier,
);
