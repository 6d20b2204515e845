import { readFileSync } from 'node:fs';
import type { World } from '../world/world.js';

/** `http://host:port` of each replica's listener, by process name, as their logs say it. */
export function observedAt(world: World): Map<string, string> {
  const at = new Map<string, string>();
  for (const { name } of world.platform.processes) {
    const line = readFileSync(world.platform.folder.log(name), 'utf8')
      .split('\n')
      .findLast((each) => each.includes('"message":"observed"'));
    if (line === undefined) continue;
    const { host, port } = JSON.parse(line) as { host: string; port: number };
    at.set(name, `http://${host}:${port}`);
  }
  return at;
}

/** What `/metrics` of every replica says, by process name. */
export async function scraped(world: World): Promise<Map<string, string>> {
  const texts = [...observedAt(world)].map(async ([name, base]) => {
    const response = await fetch(`${base}/metrics`);
    return [name, await response.text()] as const;
  });
  return new Map(await Promise.all(texts));
}

/** Names of the platform's own metrics in a scrape. */
export const ownNames = (text: string): string[] =>
  [...text.matchAll(/^# TYPE (countersign_\w+) /gm)].map(([, name = '']) => name);
