import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SERVICES } from '@countersign/contracts';
import { parse } from 'yaml';
import { World } from '../world/world.js';
import {
  FOLDER,
  base,
  isWorkload,
  parsed,
  read,
  schemaError,
  type Manifest,
  type NetworkPolicy,
  type Workload,
} from './manifests.js';

interface Generator {
  name: string;
  literals?: string[];
  envs?: string[];
  files?: string[];
}

const ROOT = resolve(FOLDER, '../..');
const SECRETS = '/etc/countersign/secrets/';
const PUBLIC = '/etc/countersign/public/';
const STATE = '/var/lib/countersign/';
const READY_WITHIN_MS = 30_000;

const manifests = base();
const workloads = manifests.filter(isWorkload);
const named = (name: string) => workloads.find(({ metadata }) => metadata.name === name) as Workload;
const containerOf = ({ spec }: Workload) => spec.template.spec.containers[0];
const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy') as unknown as NetworkPolicy[];
const settings = parse(readFileSync(join(FOLDER, 'example/kustomization.yaml'), 'utf8')) as {
  configMapGenerator: Generator[];
  secretGenerator: Generator[];
};
const generator = (name: string) =>
  [...settings.configMapGenerator, ...settings.secretGenerator].find((each) => each.name === name);

describe('manifests', () => {
  test.each([...manifests, ...read('softhsm', 'token.yaml'), ...read('softhsm', 'loader.yaml')])(
    '$kind $metadata.name is what its schema wants',
    (each) => {
      expect(schemaError(each)).toBe('');
    },
  );

  test('there is a workload, and a budget for its disruption, for each service and for nothing else', () => {
    const budgets = manifests.filter(({ kind }) => kind === 'PodDisruptionBudget');
    expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual([...SERVICES].sort());
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual([...SERVICES].sort());
  });

  test.each(SERVICES)('%s runs as nobody in particular, and writes nowhere but in its state', (service) => {
    const pod = named(service).spec.template.spec;
    const container = containerOf(named(service));
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      terminationGracePeriodSeconds: 20,
    });
    expect(container).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      startupProbe: { httpGet: { path: '/ready', port: 'observe' } },
      readinessProbe: { httpGet: { path: '/ready', port: 'observe' } },
      livenessProbe: { httpGet: { path: '/live', port: 'observe' } },
      resources: { limits: { memory: expect.any(String) }, requests: { cpu: expect.any(String) } },
    });
    const written = container.volumeMounts.filter(({ readOnly }) => !readOnly);
    expect(written.map(({ name }) => name)).toEqual(service === 'key-derivation' ? [] : ['state']);
  });

  test('each service has its own secret, and no other', () => {
    for (const workload of workloads) {
      const secrets = workload.spec.template.spec.volumes.flatMap(({ secret }) => secret?.secretName ?? []);
      expect(secrets).toEqual([`countersign-${workload.metadata.name}`]);
    }
  });

  test('whatever is not allowed is not reached, and key-derivation reaches NATS and names only', () => {
    const reach = (labels: Record<string, string>) =>
      policies
        .filter(({ spec }) =>
          Object.entries(spec.podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value),
        )
        .flatMap(({ spec }) => spec.egress ?? [])
        .flatMap(({ to, ports }) => ports.map(({ port }) => `${spaces(to)}:${port}`));
    const labels = named('key-derivation').spec.template.metadata.labels as Record<string, string>;
    expect([...new Set(reach(labels))]).toEqual(['nats:4222', 'kube-system:53']);
    expect(policies.find(({ metadata }) => metadata.name === 'nobody')?.spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    const verification = named('verification').spec.template.metadata.labels as Record<string, string>;
    expect(reach(verification)).toContain('redis:6379');
  });
});

describe('the example, filled from a platform', () => {
  let world: World;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    world = await World.start();
    folder = mkdtempSync(join(tmpdir(), 'countersign-kubernetes-'));
    cpSync(FOLDER, folder, { recursive: true });
    rmSync(join(folder, 'example/files'), { recursive: true, force: true });
    execFileSync('sh', [join(folder, 'example/collect.sh'), world.platform.folder.path]);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await world?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('collect.sh makes every file that secrets and settings are made from', () => {
    const wanted = [...settings.configMapGenerator, ...settings.secretGenerator].flatMap(
      ({ envs = [], files = [] }) => [...envs, ...files],
    );
    const made = readdirSync(join(folder, 'example'), { recursive: true, encoding: 'utf8' });
    expect(wanted.filter((path) => !made.includes(path))).toEqual([]);
    const taken = made.filter((path) => path.startsWith('files/') && wanted.includes(path));
    const all = execFileSync('find', ['files', '-type', 'f'], { cwd: join(folder, 'example'), encoding: 'utf8' });
    expect(all.trim().split('\n').sort()).toEqual(taken.sort());
  });

  test('a folder that is none of a platform is refused', () => {
    const { status, stderr } = spawnSync('sh', [join(folder, 'example/collect.sh'), folder], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([66, expect.stringContaining('has no hsm/public.json')]);
  });

  test('every service starts from its manifest alone, answers its probes, and drains', async () => {
    const ends = await Promise.all(
      SERVICES.map(async (service) => {
        const state = join(folder, 'state', service);
        mkdirSync(state, { recursive: true });
        const env = { PATH: process.env['PATH'], ...environmentOf(named(service), state), ...fromThisMachine(service) };
        const main = join(ROOT, 'services', service, 'dist/main.js');
        const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'pipe'] });
        children.push(child);
        const said = await saidUntil(child, /"message":"ready"/);
        const port = /"message":"observed".*"port":(\d+)/.exec(said)?.[1];
        const { startupProbe, livenessProbe } = containerOf(named(service));
        for (const { httpGet } of [startupProbe, livenessProbe])
          expect((await fetch(`http://127.0.0.1:${port}${httpGet.path}`)).status).toBe(200);
        child.kill('SIGTERM');
        const status = await new Promise((end) => child.once('exit', end));
        return { service, status, ...(status === 0 ? {} : { said }) };
      }),
    );
    expect(ends).toEqual(SERVICES.map((service) => ({ service, status: 0 })));
  });

  const kustomize = ['kustomize', 'kubectl'].find((name) => spawnSync(name, ['version', '--client']).status === 0);
  if (kustomize === undefined)
    test('neither kustomize nor kubectl is on this machine: the example was NOT rendered', () => {
      console.warn('Install kustomize or kubectl to have deploy/kubernetes rendered: npm test -- test/kubernetes');
    });
  else
    test(`${kustomize} renders it, and all of it is what its schema wants`, () => {
      const verb = kustomize === 'kubectl' ? ['kustomize'] : ['build'];
      const rendered = parsed(execFileSync(kustomize, [...verb, join(folder, 'example')], { encoding: 'utf8' }));
      expect(rendered.map(schemaError).filter((error) => error !== '')).toEqual([]);
      const keys = rendered.find((each: Manifest) => each.metadata.name === 'key-derivation' && isWorkload(each));
      expect(keys).toMatchObject({ spec: { replicas: 1, strategy: { type: 'Recreate' } } });
      expect(containerOf(keys as Manifest & Workload).volumeMounts.map(({ name }) => name)).toContain('token');
    });

  /** What Kubernetes would give the container, with mounted files where collect.sh put them. */
  function environmentOf(workload: Workload, state: string): Record<string, string> {
    const service = workload.metadata.name;
    const container = containerOf(workload);
    const entries = container.env.map(({ name, value, valueFrom }): [string, string] => {
      const from = valueFrom?.configMapKeyRef;
      const text = value ?? (from ? setting(from.name, from.key) : `${service}-0`);
      return [name, placed(service, state, text)];
    });
    const shared = container.envFrom.flatMap(({ configMapRef }) => literalsOf(configMapRef.name));
    return Object.fromEntries([...shared, ...entries]);
  }

  function setting(map: string, key: string): string {
    const value = Object.fromEntries(literalsOf(map))[key];
    if (value === undefined) throw new Error(`${map} has no ${key}`);
    return value;
  }

  function literalsOf(map: string): [string, string][] {
    const { literals = [], envs = [] } = generator(map) as Generator;
    const lines = envs.flatMap((path) =>
      readFileSync(join(folder, 'example', path), 'utf8')
        .trim()
        .split('\n'),
    );
    return [...literals, ...lines].map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  }

  function placed(service: string, state: string, text: string): string {
    if (text.startsWith(STATE)) return join(state, text.slice(STATE.length));
    const [mount, map] = text.startsWith(SECRETS)
      ? [SECRETS, `countersign-${service}`]
      : text.startsWith(PUBLIC)
        ? [PUBLIC, 'countersign-public']
        : ['', ''];
    if (mount === '') return text;
    const file = generator(map)?.files?.find((path) => path.endsWith(`/${text.slice(mount.length)}`));
    if (file === undefined) throw new Error(`${map} has no file ${text.slice(mount.length)}`);
    return join(folder, 'example', file);
  }

  /** Where servers and the token are: the only part of an environment that is not the manifest's. */
  function fromThisMachine(service: string): Record<string, string> {
    const NATS_SERVERS = world.platform.natsServer;
    const OBSERVE_ADDRESS = '127.0.0.1:0';
    if (service === 'verification')
      return { NATS_SERVERS, OBSERVE_ADDRESS, REDIS_SERVER: `127.0.0.1:${world.platform.redisPort}` };
    if (service !== 'key-derivation') return { NATS_SERVERS, OBSERVE_ADDRESS };
    const servers = JSON.parse(readFileSync(join(ROOT, '.countersign/runtime/servers.json'), 'utf8')) as {
      softhsmModule: string;
      libraryPath?: string;
    };
    const SOFTHSM2_CONF = join(folder, 'softhsm2.conf');
    const mounted = readFileSync(join(FOLDER, 'example/softhsm2.conf'), 'utf8');
    writeFileSync(SOFTHSM2_CONF, mounted.replace(`${STATE}tokens`, join(world.platform.folder.path, 'hsm/tokens')));
    return {
      NATS_SERVERS,
      OBSERVE_ADDRESS,
      SOFTHSM2_CONF,
      HSM_MODULE: servers.softhsmModule,
      ...(servers.libraryPath !== undefined && { LD_LIBRARY_PATH: servers.libraryPath }),
    };
  }
});

function spaces(to: { namespaceSelector?: { matchLabels: Record<string, string> } }[]): string {
  return to
    .map(({ namespaceSelector }) => namespaceSelector?.matchLabels['kubernetes.io/metadata.name'] ?? 'anywhere')
    .join();
}

/** Everything it said until `pattern`, which must come in time. Its end before that is an Error with what it said. */
function saidUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolvePromise, reject) => {
    let said = '';
    const late = setTimeout(() => reject(new Error(`not ready: ${said}`)), READY_WITHIN_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      said += String(chunk);
      if (pattern.test(said)) resolvePromise(said);
    });
    child.once('exit', (status) => reject(new Error(`ended with ${status}: ${said}`)));
    child.once('exit', () => clearTimeout(late));
  });
}
