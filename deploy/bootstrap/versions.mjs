// Versions as the programs and Debian print them.

/**
 * The first version in a text: `nats-server: v2.10.27`, `5:7.0.15-1~deb12u10`, `v20.11.0`.
 * @param {string} text
 * @returns {string | undefined} dotted numbers
 */
export function versionIn(text) {
  return /\d+(?:\.\d+)+/.exec(text)?.[0];
}

/**
 * @param {string} version dotted numbers @param {string} minimum dotted numbers
 */
export function atLeast(version, minimum) {
  const have = version.split('.').map(Number);
  const want = minimum.split('.').map(Number);
  for (let place = 0; place < Math.max(have.length, want.length); place++) {
    const difference = (have[place] ?? 0) - (want[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** @param {string} minimum @param {string} version */
export function refusalOfNode(version, minimum) {
  if (atLeast(version, minimum)) return undefined;
  return `Node ${minimum} or newer is needed; this is ${version}. Get one from https://nodejs.org or your package manager.`;
}
