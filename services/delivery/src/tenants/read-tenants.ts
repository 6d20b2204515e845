import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { TENANT_PATTERN } from '@countersign/contracts';
import { isLoopback } from '../channels/loopback.js';
import { parseMailbox } from '../channels/mail/address.js';
import { parseWebhookSecret } from '../channels/webhook/signature.js';
import { TenantSettings, type Endpoint, type TenantSetting } from './tenant-settings.js';

type Json = Record<string, unknown>;
export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Told where something is wrong, as `acme.endpoints.sms.url`, and what would be right. */
type Problem = (at: string, right: string) => void;

/**
 * `{"<tenant>": {"language", "from", "endpoints": {"<name>": {"url", "secretFiles", "caFile"}}}}`; every field of a tenant may
 * be left out. Files are named from the folder of `path`, in which this stands.
 */
export function readTenants(settings: Json, path: string, problem: Problem): TenantSettings {
  const folder = dirname(path);
  const found = new Map<string, TenantSetting>();
  for (const [tenant, value] of Object.entries(settings)) {
    if (!TENANT_PATTERN.test(tenant)) problem(tenant, "a tenant's name");
    const { language = 'en', from, endpoints = {}, ...rest } = objectAt(value, tenant, problem);
    for (const name of Object.keys(rest)) problem(`${tenant}.${name}`, 'left out: there is no such field');
    const sender = typeof from === 'string' ? parseMailbox(from) : undefined;
    if (from !== undefined && !sender) problem(`${tenant}.from`, 'a sender like "Acme <codes@acme.example>"');
    if (typeof language !== 'string') problem(`${tenant}.language`, 'a language tag like "en"');
    const named = Object.entries(objectAt(endpoints, `${tenant}.endpoints`, problem)).map(([name, each]) => {
      const at = `${tenant}.endpoints.${name}`;
      if (!TENANT_PATTERN.test(name)) problem(at, 'named by a-z, 0-9 and -, at most 32');
      return [name, endpointAt(objectAt(each, at, problem), at, folder, problem)] as const;
    });
    const setting = { language: String(language), ...(sender && { from: sender }) };
    found.set(tenant, { ...setting, endpoints: new Map(named) });
  }
  return new TenantSettings(found);
}

function endpointAt(
  { url, secretFiles, caFile, ...rest }: Json,
  at: string,
  folder: string,
  problem: Problem,
): Endpoint {
  for (const name of Object.keys(rest)) problem(`${at}.${name}`, 'left out: there is no such field');
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  const safe = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed.hostname));
  if (!parsed || !safe || parsed.username !== '') problem(`${at}.url`, 'an https URL without credentials');
  const files = Array.isArray(secretFiles) ? secretFiles : [];
  if (files.length === 0 || files.length > 2) problem(`${at}.secretFiles`, 'a list of one or two files');
  const secrets = files.flatMap((file) => {
    const text = textOf(file, folder);
    const secret = text === undefined ? undefined : parseWebhookSecret(text.trim());
    if (!secret) problem(`${at}.secretFiles`, 'files that hold whsec_ and the base64 of 24 to 64 bytes each');
    return secret ?? [];
  });
  const ca = caFile === undefined ? undefined : textOf(caFile, folder);
  if (caFile !== undefined && ca === undefined) problem(`${at}.caFile`, 'a PEM file that can be read');
  return { url: parsed ?? new URL('https://invalid'), secrets, ...(ca !== undefined && { ca }) };
}

function objectAt(value: unknown, at: string, problem: Problem): Json {
  if (isJson(value)) return value;
  problem(at, 'an object');
  return {};
}

function textOf(file: unknown, folder: string): string | undefined {
  try {
    return typeof file === 'string' ? readFileSync(resolve(folder, file), 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
