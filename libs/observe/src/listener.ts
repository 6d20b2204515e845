import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Environment } from '@countersign/runtime';
import type { Health } from './health.js';
import { registry } from './metrics.js';

export interface ObserveAddress {
  host: string;
  port: number;
}

const HOST_PORT = /^(\[[0-9a-fA-F:]+\]|[^\s:,[\]]+):(\d{1,5})$/;
const MAX_CONNECTIONS = 32; // a scraper, a prober and some that hang
const MAX_HEADER_BYTES = 8192;
const PATIENCE_MS = 5000;

/** OBSERVE_ADDRESS: `host:port` to serve metrics and health at; absent: nowhere. Port 0 is any free one. */
export function observeAddress(environment: Environment): ObserveAddress | undefined {
  if (!environment.has('OBSERVE_ADDRESS')) return undefined;
  const text = environment.text('OBSERVE_ADDRESS', 'host:port to serve metrics and health at', { pattern: HOST_PORT });
  const [, host, port] = HOST_PORT.exec(text) ?? [];
  if (host === undefined) return undefined;
  if (Number(port) > 65_535)
    return environment.problem('OBSERVE_ADDRESS', `has port ${port}; it should be at most 65535`, undefined);
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/**
 * `GET /metrics` (Prometheus), `/live` (the process answers) and `/ready` (200, or 503 and what is missing). It takes no
 * body, knows nobody, and only answers: a service connects to nobody for it. Rejects when it cannot listen there.
 */
export async function serveObservations({ host, port }: ObserveAddress, health: Health): Promise<Server> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: PATIENCE_MS }, (request, response) => {
    const path = request.method === 'GET' || request.method === 'HEAD' ? request.url : undefined;
    void answer(path, health, response).catch(() => response.destroy());
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.headersTimeout = PATIENCE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.unref();
  return server;
}

async function answer(path: string | undefined, health: Health, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/metrics':
      return send(response, 200, registry.contentType, await registry.metrics());
    case '/live':
      return send(response, 200, 'application/json', '{"live":true}\n');
    case '/ready': {
      const { readiness } = health;
      return send(response, readiness.ready ? 200 : 503, 'application/json', `${JSON.stringify(readiness)}\n`);
    }
    default:
      return send(response, 404, 'text/plain', 'GET /metrics, /live or /ready\n');
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  // a connection kept open would hold one of few for nothing until the next scrape
  response.writeHead(status, { 'content-type': type, connection: 'close', 'cache-control': 'no-store' }).end(body);
}
