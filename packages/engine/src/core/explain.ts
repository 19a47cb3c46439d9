import type { Actor } from "./actor.js";
import type { InputSchema, Machine } from "./machine.js";
import type { RuleVerdict } from "./rejection.js";
import type { Snapshot } from "./snapshot.js";
import { failed, findTransition, judge } from "./verdict.js";

/** What stands between an actor and a transition. `allowed` is what `fire` would say, given input and comment as it requires them. */
export type TransitionExplanation = {
  readonly name: string;
  /** null when the present state has no such transition, or the instance is not running. */
  readonly title: string | null;
  readonly to: string | null;
  readonly allowed: boolean;
  readonly verdicts: readonly RuleVerdict[];
  readonly requiresComment: boolean;
  readonly inputSchema: InputSchema | null;
};

/** Each rule between the actor and a transition, with its verdict. A transition that is not open is explained by why it is not. */
export function explain(
  machine: Machine,
  snapshot: Snapshot,
  { transition: name, actor, now }: { readonly transition: string; readonly actor: Actor; readonly now: string },
): TransitionExplanation {
  const found = findTransition(machine, snapshot, name);
  if ("rule" in found) {
    const verdicts = [failed(found, found.rule)];
    return { name, title: null, to: null, allowed: false, verdicts, requiresComment: false, inputSchema: null };
  }
  const { verdicts, reasons } = judge(machine, snapshot, found, { actor, now });
  return {
    name,
    title: found.title,
    to: found.to,
    allowed: reasons.length === 0,
    verdicts,
    requiresComment: found.requiresComment,
    inputSchema: found.input?.source ?? null,
  };
}
