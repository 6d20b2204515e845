import { sha256 } from '@noble/hashes/sha2.js';
import canonicalize from 'canonicalize';

/** What an OCRA device that shows a transaction answers for: SHA-256 of its one text (RFC 8785). Throws for what is no JSON. */
export const signedDigest = (transaction: object): Uint8Array =>
  sha256(new TextEncoder().encode(canonicalize(transaction)));
