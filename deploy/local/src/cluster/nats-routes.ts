import { readFileSync } from 'node:fs';
import type { StateFolder } from '../folder.js';
import type { ServerPlace } from './places.js';

const CLUSTER = 'countersign';
const ROUTE_USER = 'route';

/** The `cluster` part of one NATS server's configuration: whoever knows the password may join. */
export function natsRoutes(folder: StateFolder, { host, routePort }: ServerPlace, all: ServerPlace[]): string[] {
  const password = readFileSync(folder.secret('nats-routes.password'), 'utf8');
  const routes = all.map((peer) => `"nats-route://${ROUTE_USER}:${password}@${peer.host}:${peer.routePort}"`);
  return [
    'cluster {',
    `  name: ${CLUSTER}`,
    `  listen: "${host}:${routePort}"`,
    `  authorization { user: ${ROUTE_USER}, password: "${password}" }`,
    `  routes: [${routes.join(', ')}]`,
    '}',
  ];
}
