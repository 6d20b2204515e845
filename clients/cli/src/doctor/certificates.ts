import { expiryOf, heldCertificates, placesOf } from '@countersign/local';
import { ok, warning, wrong, type Finding, type Patient } from './finding.js';

const DAY_MS = 86_400_000;
const SOON_DAYS = 14;
const RENEW = 'countersign certificate renew';
const HERE = ['127.0.0.1', '::1', 'localhost'];

/** Whether what passes on the network is closed to others there, and until when. */
export function certificates({ folder, plan, clock }: Patient): Finding[] {
  if (!plan.tls) return [plain(placesOf(plan).nats.map(({ host }) => host))];
  const held = heldCertificates(folder, plan).map((each) => ({ ...each, ends: expiryOf(each.certFile) }));
  const found = [{ name: 'the authority', certFile: folder.tlsTrusted(), ends: expiryOf(folder.tlsTrusted()) }]
    .concat(held)
    .flatMap(({ name, certFile, ends }): Finding[] => {
      if (ends === undefined) return [wrong('tls', `${certFile} is missing`, RENEW)];
      const days = Math.floor((ends - clock.now()) / DAY_MS);
      if (days < 0) return [wrong('tls', `the certificate of ${name} has expired`, RENEW)];
      if (days < SOON_DAYS) return [warning('tls', `the certificate of ${name} expires in ${days} days`, RENEW)];
      return [];
    });
  return found.length > 0 ? found : [ok('tls', `${held.length} certificates, none of them ends soon`)];
}

function plain(hosts: string[]): Finding {
  const outside = hosts.filter((host) => !HERE.includes(host));
  if (outside.length === 0) return ok('tls', 'none, and NATS listens on this machine only');
  const text = `none, and NATS listens on ${outside.join(', ')}: who is on that network reads codes and changes verdicts`;
  return wrong('tls', text, 'a platform made with countersign init --tls');
}
