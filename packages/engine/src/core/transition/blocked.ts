import type { Machine, Transition } from "../model/machine.js";
import type { Reason } from "../model/rejection.js";
import { decidedBy } from "../votes/votes.js";

/**
 * Returns whether firing the transition ends the work of the instance: completes or closes it. Cancelling does not, and neither does a vote, which only
 * counts towards a decision. What is closed has ended before.
 */
export function completes(machine: Machine, state: string, { name, to }: Transition): boolean {
  const { final = null, isClosed = false } = machine.states.get(to) ?? {};
  const ends = isClosed || (final !== null && final !== "cancelled");
  return ends && machine.states.get(state)?.isClosed !== true && !decidedBy(machine, state, name);
}

/**
 * Returns why a request cannot end yet. It does not name the other requests, because the actor might not see them.
 * @param count the open requests that block it, and its open children
 */
export function blockedReason(count: number): Reason {
  const [others, them] = count === 1 ? ["1 other request", "it"] : [`${count} other requests`, "them"];
  const message = `The request waits for ${others}: those that block it, and its children. Close or cancel ${them} first, or remove the links.`;
  return { rule: "blocked", message };
}
