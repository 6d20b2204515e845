import { lookup as resolve } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** IANA's registry of special-purpose IPv4 addresses, with multicast and what is reserved: not the internet's. */
const NOT_PUBLIC_V4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
];
/** Of IPv6 only 2000::/3 is the internet's, without protocol assignments, documentation and tunnels to IPv4. */
const PUBLIC_V6 = ['2000::/3'];
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Addresses that were refused before a connection was made. */
export class UnreachableAddress extends Error {}

/** Which addresses a webhook may connect to: public ones, and those in networks that the configuration allows. */
export class Reachable {
  private readonly allowed: BlockList;

  /** `networks`: as CIDR; see `isNetwork` */
  constructor(networks: string[]) {
    this.allowed = listOf(networks);
  }

  may(address: string): boolean {
    const family = isIP(address);
    if (family === 0) return false;
    if (covers(this.allowed, address)) return true;
    if (family === 4) return !covers(NON_PUBLIC, address);
    return covers(PUBLIC, address) && !covers(NON_PUBLIC, address);
  }

  /** Only addresses that are checked here are connected to: a name that changes in between does not help. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0);
      const [first] = found;
      if (first === undefined || !found.every(({ address }) => this.may(address)))
        return callback(new UnreachableAddress('an address that is not allowed'), '', 0);
      return options.all ? callback(null, found) : callback(null, first.address, first.family);
    });
  };
}

/** `10.0.0.0/8`, `fd00::/8`. */
export function isNetwork(text: string): boolean {
  const [address = '', length = '', ...more] = text.split('/');
  const family = isIP(address);
  return family !== 0 && more.length === 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}

function listOf(networks: string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length] = network.split('/');
    list.addSubnet(address, Number(length), familyOf(address));
  }
  return list;
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');
const covers = (list: BlockList, address: string): boolean => list.check(address, familyOf(address));

const NON_PUBLIC = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6]);
const PUBLIC = listOf(PUBLIC_V6);
