import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as models from 'kubernetes-models';
import { parseAllDocuments } from 'yaml';

export const FOLDER = join(import.meta.dirname, '../../deploy/kubernetes');

type Named = { metadata: { name: string; labels?: Record<string, string> } };
export type EnvironmentEntry = {
  name: string;
  value?: string;
  valueFrom?: { configMapKeyRef?: { name: string; key: string }; fieldRef?: { fieldPath: string } };
};
export type Container = {
  name: string;
  image: string;
  env: EnvironmentEntry[];
  envFrom: { configMapRef: { name: string } }[];
  securityContext: object;
  resources: { requests: object; limits: object };
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
};
type Probe = { httpGet: { path: string; port: string } };
export type Pod = Record<string, unknown> & {
  securityContext: object;
  containers: [Container];
  volumes: { name: string; secret?: { secretName: string }; configMap?: { name: string } }[];
};
export type Workload = Named & {
  kind: 'StatefulSet' | 'Deployment';
  spec: { replicas: number; template: Named & { spec: Pod } };
};
export type NetworkPolicy = Named & {
  spec: { podSelector: { matchLabels?: Record<string, string> }; policyTypes: string[]; egress?: Egress[] };
};
type Egress = { to: { namespaceSelector?: { matchLabels: Record<string, string> } }[]; ports: { port: number }[] };
export type Manifest = Named & { apiVersion: string; kind: string };

export function parsed(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
    return document.toJS() as Manifest;
  });
}

export function read(...path: string[]): Manifest[] {
  return parsed(readFileSync(join(FOLDER, ...path), 'utf8'));
}

/** Everything of base/ except what is kustomize's own. */
export function base(): Manifest[] {
  const files = readdirSync(join(FOLDER, 'base')).filter((name) => name !== 'kustomization.yaml');
  return files.flatMap((name) => read('base', name));
}

export const isWorkload = (manifest: Manifest): manifest is Manifest & Workload =>
  manifest.kind === 'StatefulSet' || manifest.kind === 'Deployment';

/** What Kubernetes' own schema has against it; '' for nothing. A kind it does not know is an error, a field is not. */
export function schemaError(manifest: Manifest): string {
  const [version = '', group = ''] = manifest.apiVersion.split('/').reverse();
  const kinds = group === '' ? models : (models as unknown as Groups)[camelCase(group)];
  const Model = (kinds as Groups[string] | undefined)?.[version]?.[manifest.kind];
  if (Model === undefined) return `no schema for ${manifest.apiVersion} ${manifest.kind}`;
  try {
    new Model(manifest.kind === 'Secret' ? unfolded(manifest) : manifest).validate();
    return '';
  } catch (error) {
    return `${manifest.kind} ${manifest.metadata.name}: ${(error as Error).message}`;
  }
}

/** Base64 over several lines is one text to Kubernetes, and not to the schema. */
function unfolded(manifest: Manifest): object {
  return JSON.parse(JSON.stringify(manifest).replaceAll('\\n', '')) as object;
}

type Groups = Record<string, Record<string, Record<string, new (data: object) => { validate(): void }>>>;

function camelCase(group: string): string {
  return group.replace(/\.(.)/g, (_dot, letter: string) => letter.toUpperCase());
}
