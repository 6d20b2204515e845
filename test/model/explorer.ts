/**
 * Looks at every state that a small system can come to, breadth first, so that the first trace to a broken rule is a
 * shortest one.
 */
export interface Step<State> {
  /** what happens, in words */
  name: () => string;
  next: State;
  /** done by trouble; what is left without such steps is how things go on once trouble ends */
  fault: boolean;
  /** the rule that this step breaks */
  broken?: string | undefined;
}

export interface System<State> {
  initial: State;
  steps(state: State): Step<State>[];
  /** equal for states that behave alike */
  key(state: State): string;
  /** whether everybody has an answer */
  finished(state: State): boolean;
}

export interface Explored {
  states: number;
  steps: number;
  /** steps to the farthest state */
  depth: number;
  broken?: { rule: string; trace: string[] };
}

interface Visited {
  /** the state from which it was first reached, and how */
  from: number;
  by: string;
  depth: number;
  /** where it can go without trouble */
  calm: number[];
  finished: boolean;
}

export function explore<State>(system: System<State>): Explored {
  const ids = new Map<string, number>();
  const visited: Visited[] = [];
  let front: [number, State][] = [];
  let steps = 0;

  const visit = (state: State, from: number, by: () => string, next: [number, State][]): number => {
    const key = system.key(state);
    const known = ids.get(key);
    if (known !== undefined) return known;
    const id = visited.length;
    ids.set(key, id);
    const depth = from < 0 ? 0 : (visited[from] as Visited).depth + 1;
    visited.push({ from, by: by(), depth, calm: [], finished: system.finished(state) });
    next.push([id, state]);
    return id;
  };
  const traceTo = (id: number): string[] => {
    const trace: string[] = [];
    for (let at = visited[id] as Visited; at.from >= 0; at = visited[at.from] as Visited) trace.unshift(at.by);
    return trace;
  };
  const result = (rule?: string, trace: string[] = []): Explored => ({
    ...{ states: visited.length, steps, depth: visited.at(-1)?.depth ?? 0 },
    ...(rule !== undefined && { broken: { rule, trace } }),
  });

  visit(system.initial, -1, () => '', front);
  while (front.length > 0) {
    const next: [number, State][] = [];
    for (const [id, state] of front)
      for (const { name, next: to, fault, broken } of system.steps(state)) {
        steps += 1;
        if (broken !== undefined) return result(broken, [...traceTo(id), name()]);
        const reached = visit(to, id, name, next);
        if (!fault) (visited[id] as Visited).calm.push(reached);
      }
    front = next;
  }
  const stuck = firstStuck(visited);
  return stuck === undefined ? result() : result('without further trouble everybody gets an answer', traceTo(stuck));
}

/** The first state from which calm steps may go on for ever, or end before everybody has an answer. */
function firstStuck(visited: Visited[]): number | undefined {
  const ends = new Uint8Array(visited.length); // 0: not looked at, 1: on the way, 2: ends well
  for (let first = 0; first < visited.length; first += 1) {
    const way: { id: number; at: number }[] = [{ id: first, at: 0 }];
    while (way.length > 0) {
      const top = way.at(-1) as { id: number; at: number };
      const { calm, finished } = visited[top.id] as Visited;
      if (calm.length === 0 && !finished) return top.id;
      ends[top.id] = top.at === calm.length ? 2 : 1;
      const next = calm[top.at];
      if (ends[top.id] === 2) way.pop();
      else top.at += 1;
      if (next === undefined || ends[next] === 2) continue;
      if (ends[next] === 1) return next;
      way.push({ id: next, at: 0 });
    }
  }
  return undefined;
}
