import 'reflect-metadata'; // @peculiar/x509 asks for it
import { webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  cryptoProvider,
} from '@peculiar/x509';
import type { Clock, Random } from '@countersign/runtime';
import type { StateFolder } from '../folder.js';
import { writePrivate } from '../private-files.js';

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
/** Of each certificate that it signs. */
export const CERTIFICATE_DAYS = 90;
const BEFORE_MS = 300_000; // clocks of those who check may be behind
const SERIAL_BYTES = 16;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
/** Of a platform's own peers: whoever has the right side of a connection shows it, clients as well as servers. */
const BOTH_ENDS = new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]);

type CryptoKeyPair = webcrypto.CryptoKeyPair;

cryptoProvider.set(webcrypto as unknown as Parameters<typeof cryptoProvider.set>[0] & object);

/** A platform's own certificate authority (RFC 5280). Its key belongs offline, like the set-up's credential. */
export class Authority {
  private constructor(
    private readonly certificate: X509Certificate,
    private readonly key: webcrypto.CryptoKey,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /** The one in this folder; makes it when there is none. */
  static async of(folder: StateFolder, clock: Clock, random: Random): Promise<Authority> {
    if (!existsSync(folder.tlsAuthority()) && !existsSync(folder.tlsTrusted())) await make(folder, clock, random);
    const der = PemConverter.decodeFirst(readFileSync(folder.tlsAuthority(), 'utf8'));
    const key = await webcrypto.subtle.importKey('pkcs8', der, P256, false, ['sign']);
    return new Authority(new X509Certificate(readFileSync(folder.tlsTrusted(), 'utf8')), key, clock, random);
  }

  /** Draws a key pair for `name` and signs its certificate; `hosts`: under which a server is reached. */
  async sign(name: string, hosts: string[]): Promise<{ certificate: string; key: string }> {
    const pair = await keyPair();
    const certificate = await X509CertificateGenerator.create({
      serialNumber: serial(this.random),
      subject: `CN=${name}`,
      issuer: this.certificate.subject,
      ...validity(this.clock, CERTIFICATE_DAYS),
      publicKey: pair.publicKey,
      signingKey: this.key,
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        BOTH_ENDS,
        ...(hosts.length > 0 ? [new SubjectAlternativeNameExtension(hosts.map(asName))] : []),
      ],
    });
    return { certificate: `${certificate.toString('pem')}\n`, key: await privatePem(pair) };
  }
}

async function make(folder: StateFolder, clock: Clock, random: Random): Promise<void> {
  const keys = await keyPair();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(random),
    name: 'CN=Countersign platform',
    ...validity(clock, AUTHORITY_DAYS),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  });
  writePrivate(folder.tlsAuthority(), await privatePem(keys));
  writePrivate(folder.tlsTrusted(), `${certificate.toString('pem')}\n`);
}

const keyPair = (): Promise<CryptoKeyPair> => webcrypto.subtle.generateKey(P256, true, ['sign', 'verify']);

const privatePem = async ({ privateKey }: CryptoKeyPair): Promise<string> =>
  `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), PemConverter.PrivateKeyTag)}\n`;

function validity(clock: Clock, days: number): { notBefore: Date; notAfter: Date } {
  const now = clock.now();
  return { notBefore: dateOf(now - BEFORE_MS), notAfter: dateOf(now + days * DAY_MS) };
}

const dateOf = (ms: number): Date => new Date(ms);

/** A positive number (RFC 5280 section 4.1.2.2). */
function serial(random: Random): string {
  const bytes = random.bytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

const asName = (host: string): { type: 'ip' | 'dns'; value: string } => ({
  type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns',
  value: host,
});
