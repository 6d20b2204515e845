import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** The port itself if it is free on 127.0.0.1, else another that is. */
export async function freePort(preferred = 0): Promise<number> {
  return (await listenOnce(preferred)) ?? (await listenOnce(0)) ?? failed();
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: HOST, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function failed(): never {
  throw new Error(`no free port on ${HOST}`);
}
