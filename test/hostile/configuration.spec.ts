import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { SERVICES, type ServiceName } from '@countersign/contracts';

const EX_CONFIG = 78; // sysexits.h

function start(service: ServiceName, variables: Record<string, string>): { status: number | null; said: string } {
  const program = fileURLToPath(new URL(`../../services/${service}/dist/main.js`, import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [program], {
    env: { PATH: process.env['PATH'] ?? '', ...variables },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, said: stderr };
}

describe('a wrong configuration: the service does not start, and says what would be right', () => {
  test.each(SERVICES)('%s with nothing set names every variable that it needs', (service) => {
    const { status, said } = start(service, {});
    expect({ status, said }).toEqual({
      status: EX_CONFIG,
      said: expect.stringContaining('NATS_SERVERS is not set; it should be'),
    });
  });

  const wrong: [ServiceName, string, string, RegExp][] = [
    ['verification', 'NATS_SERVERS', 'not a server', /NATS_SERVERS is "not a server"; it should be host:port/],
    [
      'verification',
      'MAX_IN_FLIGHT',
      'many',
      /MAX_IN_FLIGHT is "many"; it should be a whole number of requests from 1 to/,
    ],
    ['verification', 'MAX_IN_FLIGHT', '0', /MAX_IN_FLIGHT is "0"; it should be a whole number/],
    [
      'verification',
      'VERIFICATION_SECRET_FILE',
      '/nonexistent',
      /VERIFICATION_SECRET_FILE points to \/nonexistent, which cannot be read/,
    ],
    [
      'verification',
      'VERIFICATION_SECRET_FILE',
      '/dev/null',
      /VERIFICATION_SECRET_FILE points to an empty file; it should be/,
    ],
    [
      'enrollment',
      'HSM_PUBLIC_FILE',
      '/etc/hostname',
      /HSM_PUBLIC_FILE points to a file that is not JSON; it should be/,
    ],
    ['key-derivation', 'HSM_PIN_FILE', '/nonexistent', /HSM_PIN_FILE points to \/nonexistent/],
    [
      'verification',
      'REDIS_SENTINELS',
      'one:26379,two',
      /REDIS_SENTINELS is .*; it should be host:port of each Sentinel/,
    ],
    [
      'verification',
      'REDIS_SENTINELS',
      'one:26379,two:99999',
      /REDIS_SENTINELS names "two:99999"; a port should be at most/,
    ],
    ['audit', 'LOG_LEVEL', 'loud', /LOG_LEVEL is "loud"; it should be one of debug, info, warn, error/],
  ];
  test('verification with a Redis and Sentinels too', () => {
    const { status, said } = start('verification', { REDIS_SERVER: 'one:6379', REDIS_SENTINELS: 'one:26379' });
    expect(said).toContain('REDIS_SERVER is set, and so is REDIS_SENTINELS; only one of them should be');
    expect(status).toBe(EX_CONFIG);
  });

  test.each(wrong)('%s with %s=%s', (service, variable, value, says) => {
    const { status, said } = start(service, { [variable]: value });
    expect(said).toMatch(says);
    expect(status).toBe(EX_CONFIG);
  });
});
