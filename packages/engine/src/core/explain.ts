import type { Machine } from "./machine.js";
import type { Actor, Snapshot, TransitionExplanation } from "./types.js";
import { failed, findTransition, judge } from "./verdict.js";

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
