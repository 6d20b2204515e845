import { Failure } from '@countersign/contracts';
import ipaddr from 'ipaddr.js';

/** A network in its one form. Throws INVALID_ARGUMENT for what is none. */
export function networkOf(text: string): string {
  const [address = '', bits = ''] = text.split('/');
  const base = addressOf(address, 'networks');
  const most = base.kind() === 'ipv4' ? 32 : 128;
  if (Number(bits) > most) throw wrong('networks', `at most /${most} for ${base.kind() === 'ipv4' ? 'IPv4' : 'IPv6'}`);
  return `${base.toString()}/${Number(bits)}`;
}

/** Whether an address lies in one of the networks. An IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2) is IPv4. */
export function isInside(networks: string[], text: string): boolean {
  const address = addressOf(text, 'address');
  return networks.some((network) => {
    const [base, bits] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match(base, bits);
  });
}

/** Throws INVALID_ARGUMENT. Only the usual spellings: `010.0.0.1` and `0x7f.1` are read differently by different readers. */
function addressOf(text: string, field: string): ipaddr.IPv4 | ipaddr.IPv6 {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || (text.includes(':') && ipaddr.IPv6.isValid(text)))
    return ipaddr.process(text);
  throw wrong(field, 'an IPv4 or IPv6 address as it is usually written');
}

function wrong(field: string, problem: string): Failure {
  return new Failure('INVALID_ARGUMENT', `${field}: ${problem}`, { fields: [{ field, problem }] });
}
