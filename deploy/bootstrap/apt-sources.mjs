// The machine's own apt sources, read (sources.list(5): one-line and deb822) and narrowed to its distribution. Pure.

/**
 * One repository as apt names it. `options` are kept as written, Signed-By above all: who may sign is the machine's decision.
 * @typedef {{ uris: string[], suites: string[], components: string[], options: Record<string, string> }} Source
 */

/** What belongs to a distribution itself; everything else in a machine's sources is a foreign repository. */
const DISTRIBUTIONS = {
  debian: {
    suites: [
      'oldoldstable',
      'oldstable',
      'stable',
      'testing',
      'sid',
      'unstable',
      'buster',
      'bullseye',
      'bookworm',
      'trixie',
      'forky',
      'duke',
    ],
    keyring: /debian-archive/,
    uri: /(?:^|\/)debian(?:-security|-remote)?(?:\.list)?(?:\/|$)/,
  },
  ubuntu: {
    suites: ['bionic', 'focal', 'jammy', 'noble', 'plucky', 'questing', 'resolute', 'devel'],
    keyring: /ubuntu-archive/,
    uri: /(?:^|\/)ubuntu(?:-ports|-security)?(?:\.list)?(?:\/|$)/,
  },
};

/** Suites a release is made of; backports and proposals are left out: they change what a machine gets. */
const PARTS = /^(?:-updates|-security|\/updates)?$/;

/**
 * @param {string} text of a .sources file (deb822)
 * @returns {Source[]}
 */
export function parseDeb822(text) {
  /** @type {Source[]} */
  const sources = [];
  for (const stanza of text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/)) {
    const fields = /** @type {Record<string, string>} */ ({});
    let name = '';
    for (const line of stanza.split('\n')) {
      const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
      if (field) fields[(name = /** @type {string} */ (field[1]).toLowerCase())] = /** @type {string} */ (field[2]);
      else if (/^\s+\S/.test(line) && name) fields[name] += `\n${line}`; // continuation: an embedded key, or a long list
    }
    const { types, uris, suites, components, enabled, ...options } = fields;
    if (!words(types).includes('deb') || /^(?:no|false|0)$/i.test(enabled?.trim() ?? '')) continue;
    sources.push({ uris: words(uris), suites: words(suites), components: words(components), options });
  }
  return sources;
}

/**
 * @param {string} text of a .list file (one-line style)
 * @returns {Source[]}
 */
export function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const parts = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)([^#]*)/.exec(line);
    if (!parts) return [];
    const options = Object.fromEntries(
      words(parts[1]).map((option) => {
        const at = option.indexOf('=');
        const name = option.slice(0, at).replace(/[+-]$/, '');
        return [name === 'arch' ? 'architectures' : name, option.slice(at + 1).replaceAll(',', ' ')];
      }),
    );
    return [{ uris: [parts[2] ?? ''], suites: [parts[3] ?? ''], components: words(parts[4]), options }];
  });
}

/**
 * The distribution's own repositories among a machine's sources.
 * @param {Source[]} sources
 * @param {'debian' | 'ubuntu'} distribution
 * @returns {Source[]}
 */
export function ownSources(sources, distribution) {
  const { suites: bases, keyring, uri } = DISTRIBUTIONS[distribution];
  return sources.flatMap((source) => {
    const signedByIt = keyring.test(source.options['signed-by'] ?? '');
    if (!source.components.includes('main') || !(signedByIt || source.uris.some((each) => uri.test(each)))) return [];
    const suites = source.suites.filter((suite) => split(suite, bases) !== undefined);
    return suites.length > 0 ? [{ ...source, suites }] : [];
  });
}

/**
 * The same repositories for another release of the same distribution.
 * @param {Source[]} sources from `ownSources`
 * @param {'debian' | 'ubuntu'} distribution
 * @param {string} release a suite name
 * @returns {Source[]}
 */
export function forRelease(sources, distribution, release) {
  return sources.map((source) => ({
    ...source,
    suites: [
      ...new Set(
        source.suites.map((suite) => {
          const part = split(suite, DISTRIBUTIONS[distribution].suites)?.part ?? '';
          return `${release}${part === '/updates' ? '-security' : part}`; // Debian 10 and older wrote buster/updates
        }),
      ),
    ],
  }));
}

/**
 * @param {Source[]} sources
 * @returns {string} a .sources file
 */
export function toDeb822(sources) {
  return sources
    .map(({ uris, suites, components, options }) =>
      [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        `Components: ${components.join(' ')}`,
        ...Object.entries(options).map(([name, value]) => `${name}: ${value}`),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/**
 * @param {string} suite @param {readonly string[]} bases
 * @returns {{ base: string, part: string } | undefined}
 */
function split(suite, bases) {
  for (const base of bases) {
    if (suite.startsWith(base) && PARTS.test(suite.slice(base.length))) return { base, part: suite.slice(base.length) };
  }
  return undefined;
}

/** @param {string | undefined} text @returns {string[]} */
function words(text) {
  return (text ?? '').split(/\s+/).filter(Boolean);
}
