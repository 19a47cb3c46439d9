import type { Allow, Machine } from "../model/machine.js";

/**
 * Whether a transition of the state requires another user than the one who did an earlier step. Tasks of such states are completed only by users who
 * have logged in.
 */
export function asksForSomebodyElse(machine: Machine, state: string): boolean {
  const transitions = machine.states.get(state)?.transitions.values() ?? [];
  return [...transitions].some(({ allow }) => allow !== null && excludesSomebody(allow));
}

const excludesSomebody = ({ notSameAs, any, all }: Allow): boolean => notSameAs.length > 0 || [...any, ...all].some(excludesSomebody);
