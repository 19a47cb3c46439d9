/** Whether another version lets fewer people decide by votes than the old one. */
import type { Machine, MachineState } from "../machine.js";
import { quote } from "../problems.js";

/**
 * How many people it takes at least to decide a transition by votes; null where votes do not decide it. A list whose length only the data knows counts as
 * `list` for the old version, and as nobody for the new one: what cannot be told is judged by the worst.
 * @param list how many people a list stands for
 */
export function votersFor(state: MachineState | undefined, transition: string, list: number): number | null {
  const { decide, tasks = [] } = state ?? {};
  if (!decide) return null;
  const need = decide.otherwise === transition ? "all" : decide.needed.get(transition);
  if (need === undefined) return null;
  if (decide.isRepeatable) return 1;
  const all = tasks.reduce((sum, { each, count }) => sum + (each ? list : count), 0);
  return Math.max(1, need === "all" ? all : need);
}

/** Whether several people have to vote somewhere. */
export const needsVotes = ({ states }: Machine): boolean =>
  [...states.values()].some((state) => [...state.transitions.keys()].some((name) => (votersFor(state, name, Infinity) ?? 1) > 1));

/** Transitions that lead to the same state by fewer votes than before, or by none, each in words. @param names those of the old version's states in the new one */
export function fewerVotes(
  from: Machine,
  to: Machine,
  { states, names }: { states: Iterable<string>; names: ReadonlyMap<string, string> },
): string[] {
  const nameOf = (state: string): string => names.get(state) ?? state;
  return [...states].flatMap((name) => {
    const [before, after] = [from.states.get(name), to.states.get(nameOf(name))];
    if (!before?.decide || !after) return [];
    return [...before.transitions.values()].flatMap((one) => {
      const needed = votersFor(before, one.name, Infinity);
      if (needed === null || needed === 1 || one.name === before.decide?.otherwise) return [];
      const ways = [...after.transitions.values()].filter((next) => next.to === nameOf(one.to) && next.name !== after.decide?.otherwise);
      // Others than those that were there already, and that the old version let people fire.
      const isOld = (way: string): boolean => votersFor(before, way, Infinity) === null && before.transitions.get(way)?.to === one.to;
      const fewest = Math.min(...ways.filter((way) => !isOld(way.name)).map((way) => votersAfter(before, after, [one.name, way.name])));
      if (fewest >= needed) return [];
      const votes = needed === Infinity ? "all" : String(needed);
      return [
        `By the old version ${votes} have to vote for ${quote(one.name)} in ${quote(name)}; by the new one ${fewest === 1 ? "one person suffices" : `${fewest} suffice`} for the same.`,
      ];
    });
  });
}

/** A list stays what it was where all of the same list are needed as before. */
function votersAfter(before: MachineState, after: MachineState, [old, way]: readonly [string, string]): number {
  const isSame = (state: MachineState): string => JSON.stringify(state.tasks.map(({ each, count }) => [each, each ? 1 : count]));
  const isAll = before.decide?.needed.get(old) === "all" && after.decide?.needed.get(way) === "all";
  return votersFor(after, way, isAll && isSame(before) === isSame(after) ? Infinity : 0) ?? 1;
}
