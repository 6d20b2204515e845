import { SERVICES } from '@countersign/contracts';
import type { Status, StreamStatus } from '../commands/status.js';
import { table } from './table.js';

export function statusLines({ nats, redis, hsm, services, ledger, directory }: Status): string[] {
  const missing = SERVICES.filter((service) => !services.some(({ name }) => name === service));
  return table([
    ['nats', `${nats.server}, version ${nats.version}`],
    ['redis', `port ${redis.port ?? '-'}, ${redis.answers ? 'answers' : 'DOES NOT ANSWER: verdicts are slower'}`],
    ['hsm', hsm ? `answers: ${hsm.requests} requests, ${hsm.errors} failed` : 'DOES NOT ANSWER: no verdicts'],
    ['ledger', streamText(ledger)],
    ['directory', streamText(directory)],
    ...services.map(({ name, id, version }) => [name, `answers: version ${version}, replica ${id}`]),
    ...missing.map((name) => [name, 'DOES NOT ANSWER']),
  ]);
}

const streamText = ({ messages, bytes, sequence, replicas }: StreamStatus): string =>
  `${messages} messages, ${bytes} bytes, last sequence ${sequence}, ${replicas} replica${replicas === 1 ? '' : 's'}`;
