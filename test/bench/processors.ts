import { readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100; // what /proc counts in on every Linux

/** s of the processors that each process has used; empty where there is no /proc. */
export function usedBy(pids: Iterable<[name: string, pid: number]>): Map<string, number> {
  const used = new Map<string, number>();
  for (const [name, pid] of pids) {
    try {
      const after = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      used.set(name, (Number(after[11]) + Number(after[12])) / TICKS_A_SECOND);
    } catch {
      return new Map();
    }
  }
  return used;
}
