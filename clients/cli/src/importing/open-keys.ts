import { readFileSync } from 'node:fs';
import { Secret } from '@countersign/runtime';
import type { Keys } from '@countersign/token-files';
import { Unusable } from '../exit.js';

export interface KeyOptions {
  keyFile?: string;
  passwordFile?: string;
}

const HEX = /^(?:[0-9a-f]{32}|[0-9a-f]{48}|[0-9a-f]{64})$/i;
const BASE64 = /^(?:[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{32}|[A-Za-z0-9+/]{43}=)$/;

/** What opens an encrypted file, read from files: a command line can be listed by others. Throws Unusable. */
export function openKeys({ keyFile, passwordFile }: KeyOptions): Keys {
  return {
    ...(keyFile !== undefined && { preSharedKey: preSharedKey(keyFile) }),
    ...(passwordFile !== undefined && { password: Secret.fromText(textIn(passwordFile)) }),
  };
}

/** As makers send it: 16, 24 or 32 bytes in hexadecimal or base64. */
function preSharedKey(path: string): Secret {
  const text = textIn(path);
  if (HEX.test(text)) return new Secret(Buffer.from(text, 'hex'));
  if (BASE64.test(text)) return new Secret(Buffer.from(text, 'base64'));
  throw new Unusable(`${path} should hold a key of 16, 24 or 32 bytes in hexadecimal or base64, and nothing else`);
}

/** Without the line end that editors leave. */
function textIn(path: string): string {
  const text = readFileSync(path, 'utf8').replace(/[\r\n]+$/, '');
  if (text === '') throw new Unusable(`${path} is empty`);
  return text;
}
