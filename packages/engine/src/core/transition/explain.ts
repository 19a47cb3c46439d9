import type { Actor } from "../model/actor.js";
import type { InputSchema, Machine } from "../model/machine.js";
import type { RuleResult } from "../model/rejection.js";
import type { Snapshot } from "../model/snapshot.js";
import { failed, findTransition, evaluateGuards } from "./guards.js";

/** The rules between an actor and a transition. `allowed` is what `fire` would decide, given valid input and comment. */
export type TransitionExplanation = {
  readonly name: string;
  /** null if the current state has no such transition, or the instance is not running. */
  readonly title: string | null;
  readonly to: string | null;
  readonly allowed: boolean;
  readonly ruleResults: readonly RuleResult[];
  readonly requiresComment: boolean;
  readonly inputSchema: InputSchema | null;
};

/** Returns each rule between the actor and a transition, with its result. For a transition that is not available, returns the reason. */
export function explain(
  machine: Machine,
  snapshot: Snapshot,
  { transition: name, actor, now }: { readonly transition: string; readonly actor: Actor; readonly now: string },
): TransitionExplanation {
  const found = findTransition(machine, snapshot, name);
  if ("rule" in found) {
    const ruleResults = [failed(found, found.rule)];
    return { name, title: null, to: null, allowed: false, ruleResults, requiresComment: false, inputSchema: null };
  }
  const { ruleResults, reasons } = evaluateGuards(machine, snapshot, found, { actor, now });
  return {
    name,
    title: found.title,
    to: found.to,
    allowed: reasons.length === 0,
    ruleResults,
    requiresComment: found.requiresComment,
    inputSchema: found.input?.source ?? null,
  };
}
