import { afterAll } from '@jest/globals';
import { connectBus } from '@countersign/bus';
import { keptLog, startNats, stopAllNats } from '@countersign/bus/testing';
import { channelSuite } from '../channel.suite.js';
import { SubjectChannel } from './subject-channel.js';

afterAll(() => stopAllNats());

channelSuite('subject', async () => {
  const nats = await startNats();
  const { log } = keptLog();
  const [bus, courier] = await Promise.all(
    ['delivery', 'courier'].map((identity) => connectBus({ servers: [nats.address], identity, log })),
  );
  const took: { id: string; said: string }[] = [];
  courier?.connection.subscribe('countersign.delivery.acme.post', {
    callback: (_error, message) => {
      const said = message.string();
      took.push({ id: (JSON.parse(said) as { id: string }).id, said });
    },
  });
  await courier?.connection.flush();
  const still = { begin: () => nats.pause(), end: () => nats.resume() };
  return {
    channel: new SubjectChannel(bus as NonNullable<typeof bus>),
    to: 'post:+49 151 2345',
    wrong: ['', 'post', 'post:', ':x', 'po.st:x', '*:x', '>:x', 'Post:x', 'po st:x', `${'p'.repeat(33)}:x`],
    took,
    later: still,
    silent: still,
    mayRepeat: true,
    end: async () => {
      await Promise.all([bus?.close(), courier?.close()]);
    },
  };
});
