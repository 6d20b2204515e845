// Two projects: `unit` (beside the code) and `integration` (test/, over real servers it starts itself).
// Native ESM: run through `npm test`, or node --experimental-vm-modules node_modules/jest/bin/jest.js.

/** swc does not check types: tsconfig.test.json does, in test/tidy. */
const typescript = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
};

/** Tests run against the sources of every workspace, never against an older build. */
const project = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', typescript] },
  modulePathIgnorePatterns: ['/dist/', '/\\.countersign/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/\\.countersign/'],
  moduleNameMapper: {
    '^@countersign/bus/(nest|testing)$': '<rootDir>/libs/bus/src/$1/index.ts',
    '^@countersign/(runtime|contracts|oath|pairing)/portable$': '<rootDir>/libs/$1/src/portable.ts',
    '^@countersign/device/node$': '<rootDir>/clients/device/src/node/index.ts',
    '^@countersign/(runtime|observe|contracts|account|oath|pairing|sealing|tlog|bus|ledger|api)$':
      '<rootDir>/libs/$1/src/index.ts',
    '^@countersign/(caller|device|testkit|token-files|audit-verifier)$': '<rootDir>/clients/$1/src/index.ts',
    '^@countersign/local$': '<rootDir>/deploy/local/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
};

export default {
  maxWorkers: 2,
  testTimeout: 60_000, // for suites that start servers; Jest takes it only here, for all projects
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,services,clients,deploy}/**/src/**/*.spec.ts'],
    },
    {
      ...project,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
    },
  ],
};
