type Edge = { readonly from: number; readonly to: number };

const SWEEPS = 6;

/**
 * The row of each state, and the states of each row from left to right: a state stands below everything that leads to it, apart from what leads back.
 * Without recursion: a chain may be as long as a definition.
 */
export function rankStates(
  count: number,
  edges: readonly Edge[],
  start: number,
): { readonly ranks: readonly number[]; readonly rows: number[][] } {
  const next: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) if (from !== to) next[from]?.push(to);
  const { order, forward } = withoutCycles(count, next, start);
  const ranks = Array.from({ length: count }, () => 0);
  for (const state of order) {
    for (const to of forward[state] ?? []) ranks[to] = Math.max(ranks[to] ?? 0, (ranks[state] ?? 0) + 1);
  }
  const rows: number[][] = [];
  for (const state of order) (rows[ranks[state] ?? 0] ??= []).push(state);
  straighten(rows, ranks, next);
  return { ranks, rows };
}

/** A depth-first walk: transitions to a state that is still being walked lead back. `order` has each state before those that it leads forward to. */
function withoutCycles(count: number, next: readonly (readonly number[])[], start: number): { order: number[]; forward: number[][] } {
  const forward: number[][] = Array.from({ length: count }, () => []);
  const stage = Array.from({ length: count }, () => "new");
  const finished: number[] = [];
  const beginnings = count === 0 ? [] : [start, ...Array.from({ length: count }, (_, state) => state)];
  for (const beginning of beginnings) {
    if (stage[beginning] !== "new") continue;
    stage[beginning] = "open";
    const walk = [{ state: beginning, at: 0 }];
    for (let top = walk.at(-1); top; top = walk.at(-1)) {
      const to = next[top.state]?.[top.at++];
      if (to === undefined) {
        stage[top.state] = "done";
        finished.push(top.state);
        walk.pop();
      } else if (stage[to] !== "open") {
        forward[top.state]?.push(to);
        if (stage[to] === "new") {
          stage[to] = "open";
          walk.push({ state: to, at: 0 });
        }
      }
    }
  }
  return { order: finished.toReversed(), forward };
}

/** Orders each row by where its neighbours stand, down and up again, so that few lines cross. */
function straighten(rows: number[][], ranks: readonly number[], next: readonly (readonly number[])[]): void {
  const near = { up: next.map((): number[] => []), down: next.map((): number[] => []) };
  for (const [state, targets] of next.entries()) {
    for (const to of targets) {
      const goesDown = (ranks[to] ?? 0) > (ranks[state] ?? 0);
      near.up[goesDown ? to : state]?.push(goesDown ? state : to);
      near.down[goesDown ? state : to]?.push(goesDown ? to : state);
    }
  }
  const places: number[] = [];
  const remember = (row: readonly number[]): void => row.forEach((state, index) => void (places[state] = (index + 0.5) / row.length));
  rows.forEach(remember);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const neighbours = sweep % 2 === 0 ? near.up : near.down;
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      const wished = new Map(row.map((state) => [state, mean(neighbours[state] ?? [], places) ?? places[state] ?? 0]));
      row.sort((a, b) => (wished.get(a) ?? 0) - (wished.get(b) ?? 0));
      remember(row);
    }
  }
}

function mean(states: readonly number[], places: readonly number[]): number | null {
  return states.length === 0 ? null : states.reduce((sum, state) => sum + (places[state] ?? 0), 0) / states.length;
}
