import { describe, expect, test } from '@jest/globals';
import { forRelease, ownSources, parseDeb822, parseOneLine, toDeb822 } from '../../deploy/bootstrap/apt-sources.mjs';
import { distributionOf } from '../../deploy/bootstrap/fetch-servers.mjs';

// As found in Debian's and Ubuntu's own images, and in the instructions of the repositories named.
const DEBIAN_12 = `Types: deb
# http://snapshot.example/archive/debian/20250520T000000Z
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

const DEBIAN_CLOUD = `Types: deb deb-src
URIs: mirror+file:///etc/apt/mirrors/debian.list
Suites: bookworm bookworm-updates bookworm-backports
Components: main
`;

const NODESOURCE = `Types: deb
URIs: https://node.example/node_20.x
Suites: nodistro
Components: main
Signed-By: /usr/share/keyrings/nodesource.gpg
`;

const ONE_LINE = `# deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb http://mirror.example/debian/ bookworm main non-free-firmware
deb-src http://mirror.example/debian/ bookworm main
deb http://security.example/debian-security bookworm-security main # comment
deb [arch=amd64,arm64 signed-by=/etc/apt/keyrings/docker.asc] https://engine.example/linux/debian bookworm stable
deb [signed-by=/usr/share/keyrings/hashicorp.gpg] https://releases.example bookworm main
deb https://cloud.example/apt cloud-sdk-bookworm main
deb http://database.example/pub/repos/apt bookworm-pgdg main
deb https://documents.example/apt/debian bookworm/mongodb-org/7.0 main
`;

const UBUNTU_24 = `Types: deb
URIs: http://archive.example/ubuntu/
Suites: noble noble-updates noble-backports
Components: main restricted universe multiverse
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
`;

const suites = (sources: ReturnType<typeof parseDeb822>) => sources.flatMap((source) => source.suites);

describe('the distribution alone is kept of a machine sources', () => {
  const table = [
    {
      name: 'Debian 12',
      sources: parseDeb822(DEBIAN_12),
      suites: ['bookworm', 'bookworm-updates', 'bookworm-security'],
    },
    { name: 'mirrors of a cloud image', sources: parseDeb822(DEBIAN_CLOUD), suites: ['bookworm', 'bookworm-updates'] },
    { name: 'NodeSource', sources: parseDeb822(NODESOURCE), suites: [] },
    { name: 'one-line, with foreigners', sources: parseOneLine(ONE_LINE), suites: ['bookworm', 'bookworm-security'] },
    { name: 'switched off', sources: parseDeb822(`Enabled: no\n${DEBIAN_CLOUD}`), suites: [] },
  ];
  test.each(table)('$name', (row) => expect(suites(ownSources(row.sources, 'debian'))).toEqual(row.suites));

  test('Ubuntu', () => {
    expect(suites(ownSources(parseDeb822(UBUNTU_24), 'ubuntu'))).toEqual(['noble', 'noble-updates']);
    expect(ownSources(parseDeb822(UBUNTU_24), 'debian')).toEqual([]);
  });
});

test('another release is asked at the same places, trusting the same keys', () => {
  const trixie = forRelease(ownSources(parseDeb822(DEBIAN_12), 'debian'), 'debian', 'trixie');
  expect(toDeb822(trixie)).toBe(`Types: deb
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main
signed-by: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security
Components: main
signed-by: /usr/share/keyrings/debian-archive-keyring.gpg
`);
});

test('options of one line survive, under their deb822 names', () => {
  const [docker] = parseOneLine(ONE_LINE).filter(({ components }) => components.includes('stable'));
  expect(docker?.options).toEqual({ architectures: 'amd64 arm64', 'signed-by': '/etc/apt/keyrings/docker.asc' });
});

test('a key written into the sources stays whole', () => {
  const embedded = `${DEBIAN_CLOUD}Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abcd\n -----END PGP PUBLIC KEY BLOCK-----\n`;
  expect(toDeb822(parseDeb822(embedded))).toContain(
    'signed-by: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abcd\n -----END',
  );
});

test('derivatives use the repositories of their family', () => {
  expect(distributionOf('ID=debian\nVERSION_ID="12"\n')).toBe('debian');
  expect(distributionOf('NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n')).toBe('ubuntu');
  expect(distributionOf('ID=linuxmint\nID_LIKE="ubuntu debian"\n')).toBe('ubuntu');
  expect(distributionOf('')).toBe('debian');
});
