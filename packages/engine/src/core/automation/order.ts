/** The order of steps: a graph without circles, in which each step can read those that have certainly ended before it. */

export type Ordered =
  | {
      readonly ok: true;
      /** IDs, each after those that it depends on; otherwise in the order of the definition. */
      readonly order: readonly string[];
      /** By ID: every step that has ended when the step begins. */
      readonly before: ReadonlyMap<string, ReadonlySet<string>>;
    }
  /** IDs of steps that wait for each other, each for the next one and the last for the first. */
  | { readonly ok: false; readonly circle: readonly string[] };

/** Orders steps by their dependencies, all of which must be known. Takes time proportional to steps and dependencies, and to the pairs in `before`. */
export function orderSteps(dependencies: ReadonlyMap<string, readonly string[]>): Ordered {
  const order: string[] = [];
  const before = new Map<string, ReadonlySet<string>>();
  const isOrdered = (id: string): boolean => before.has(id);
  const waiting = new Map([...dependencies].map(([id, needed]) => [id, new Set(needed).size]));
  const dependents = new Map<string, string[]>([...dependencies.keys()].map((id) => [id, []]));
  for (const [id, needed] of dependencies) for (const one of new Set(needed)) dependents.get(one)?.push(id);
  const ready = [...dependencies.keys()].filter((id) => waiting.get(id) === 0);
  for (const id of ready) {
    order.push(id);
    const needed = dependencies.get(id) ?? [];
    before.set(id, new Set(needed.flatMap((one) => [one, ...(before.get(one) ?? [])])));
    for (const dependent of dependents.get(id) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  if (order.length === dependencies.size) return { ok: true, order, before };
  return { ok: false, circle: circleAmong(dependencies, isOrdered) };
}

/** Every step that could not be ordered waits for another one of them, so following these comes to one twice. */
function circleAmong(dependencies: ReadonlyMap<string, readonly string[]>, isOrdered: (id: string) => boolean): readonly string[] {
  const path: string[] = [];
  let id = [...dependencies.keys()].find((one) => !isOrdered(one)) ?? "";
  while (!path.includes(id)) {
    path.push(id);
    id = (dependencies.get(id) ?? []).find((one) => !isOrdered(one)) ?? id;
  }
  return path.slice(path.indexOf(id));
}
