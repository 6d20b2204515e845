import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP port that leads to another one. Cut, it stays open and nothing comes through, as on a broken network. */
export interface Relay {
  port: number;
  cut(): void;
  join(): void;
  close(): void;
}

export async function relayTo(port: number): Promise<Relay> {
  const ways = new Set<[from: Socket, to: Socket]>();
  let isCut = false;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const way of [[near, far] as [Socket, Socket], [far, near] as [Socket, Socket]]) {
      const [from, to] = way;
      ways.add(way);
      from.on('error', () => undefined);
      from.on('close', () => {
        ways.delete(way);
        to.destroy();
      });
      if (!isCut) from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      for (const [from, to] of ways) from.unpipe(to).pause();
    },
    join: () => {
      if (isCut) for (const [from, to] of ways) from.pipe(to);
      isCut = false;
    },
    close: () => {
      for (const [from] of ways) from.destroy();
      server.close();
    },
  };
}
