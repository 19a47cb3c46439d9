import type { Allow, Machine } from "./machine.js";

/** Whether a state's transitions ask for somebody else than who did something before: their tasks are decided by people who have logged in. */
export function asksForSomebodyElse(machine: Machine, state: string): boolean {
  const transitions = machine.states.get(state)?.transitions.values() ?? [];
  return [...transitions].some(({ allow }) => allow !== null && excludesSomebody(allow));
}

const excludesSomebody = ({ notSameAs, any, all }: Allow): boolean => notSameAs.length > 0 || [...any, ...all].some(excludesSomebody);
