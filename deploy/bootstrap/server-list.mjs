// The servers the platform needs on one machine, and what is asked of each.

/**
 * @typedef {object} Server
 * @property {string} name for messages
 * @property {string} program the command looked for
 * @property {string[]} [also] names of others that will do
 * @property {string} minimum version
 * @property {string} why the minimum, or the need
 * @property {string[]} debian packages that are always fetched; the libraries they miss are added
 * @property {string} [brew] formula
 * @property {string} [below] a version from which on it is not what is wanted
 * @property {string} [folder] it is unpacked to, when another server has the same program
 * @property {string} [asks] what makes it say its version; default: --version
 * @property {{ suite: string, name: string }} [elsewhere] the Debian release that has it, when the machine's own has not
 */

/** @type {Record<'natsServer' | 'redisServer' | 'softhsmUtil' | 'oathtool' | 'natsServerOld' | 'ip' | 'chromium' | 'pskcUtils', Server>} */
export const SERVERS = {
  natsServer: {
    name: 'nats-server',
    program: 'nats-server',
    minimum: '2.10.23',
    why: 'older clusters acknowledge rival appends',
    debian: ['nats-server'],
    brew: 'nats-server',
    elsewhere: { suite: 'trixie', name: 'Debian 13 (trixie)' }, // runs on Debian 12 too
  },
  redisServer: {
    name: 'redis-server',
    program: 'redis-server',
    minimum: '6.2',
    why: 'the scripts use its commands',
    debian: ['redis-server', 'redis-tools'],
    brew: 'redis',
  },
  softhsmUtil: {
    name: 'SoftHSM',
    program: 'softhsm2-util',
    minimum: '2.6',
    why: 'key wrapping and Ed25519',
    debian: ['softhsm2', 'libsofthsm2'],
    brew: 'softhsm',
  },
  oathtool: {
    name: 'oathtool',
    program: 'oathtool',
    minimum: '2.6',
    why: 'tests compare codes with it',
    debian: ['oathtool'],
    brew: 'oath-toolkit',
  },
  natsServerOld: {
    name: 'an old nats-server',
    program: 'nats-server',
    folder: 'nats-server-old',
    minimum: '2.9.10',
    below: '2.10.23',
    why: 'a test shows that its clusters are refused',
    debian: ['nats-server'],
    elsewhere: { suite: 'bookworm', name: 'Debian 12 (bookworm)' },
  },
  ip: {
    name: 'iproute2',
    program: 'ip',
    asks: '-V',
    minimum: '5',
    why: 'tests make and cut networks with it',
    debian: ['iproute2'],
  },
  chromium: {
    name: 'Chromium',
    program: 'chromium-headless-shell',
    also: ['chromium', 'google-chrome'],
    minimum: '120',
    why: 'a test pairs a device in a browser',
    debian: ['chromium-headless-shell', 'chromium-common'],
  },
  pskcUtils: {
    name: 'pskc-utils',
    program: 'pskc2csv',
    minimum: '1.1',
    why: 'tests compare what PSKC files hold with it',
    // all of its Python packages: the machine's own Python finds them in one folder, or not at all
    debian: [
      ...['pskc-utils', 'python3-pskc', 'python3-dateutil', 'python3-six', 'python3-pkg-resources'],
      ...['python3-cryptography', 'python3-cffi-backend'],
    ],
  },
};

/** Needed by tests. Those without a formula are for Linux, and fetched where there is apt. */
export const FOR_TESTS = /** @type {const} */ (['oathtool', 'natsServerOld', 'ip', 'chromium', 'pskcUtils']);

/** @typedef {keyof typeof SERVERS} ServerKey */

/** Where SoftHSM's module lies: Debian and Ubuntu, Fedora, by hand, Homebrew on either Mac. */
export const SOFTHSM_MODULES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/lib64/softhsm/libsofthsm2.so',
  '/usr/lib/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];

/** Looked in besides PATH: an ordinary user's PATH often lacks the sbin folders, where Debian puts nats-server. */
export const PROGRAM_FOLDERS = [
  '/usr/local/bin',
  '/usr/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/opt/homebrew/bin',
];
