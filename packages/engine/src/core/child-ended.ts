import type { Actor } from "./actor.js";
import { endOf } from "./children.js";
import { still, type Outcome } from "./outcome.js";
import type { FinalKind, Snapshot } from "./snapshot.js";

export type ChildEnd = {
  readonly rule: string;
  readonly index: number;
  readonly ending: FinalKind;
  readonly actor: Actor;
  readonly now: string;
};

/** A child has ended: the parent notes it, whatever its status. Whether its join fires then, `settle` says. `actor` is whose move ended the child. */
export function childEnded(snapshot: Snapshot, { rule, index, ending, actor, now }: ChildEnd): Outcome {
  return { ...still(snapshot, "child", { actor, now }), input: endOf(rule, index, ending), isAutomatic: true };
}
