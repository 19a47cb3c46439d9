import type { Actor } from "../model/actor.js";
import { endOf } from "./children.js";
import { unchanged, type Outcome } from "../model/outcome.js";
import type { FinalKind, Snapshot } from "../model/snapshot.js";

export type ChildEnd = {
  readonly rule: string;
  readonly index: number;
  readonly ending: FinalKind;
  readonly actor: Actor;
  readonly now: string;
};

/**
 * Records in the parent that a child has ended, whatever the parent's status. `fireAutomatic` decides whether the join fires. `actor` is the author
 * of the change that ended the child.
 */
export function childEnded(snapshot: Snapshot, { rule, index, ending, actor, now }: ChildEnd): Outcome {
  return { ...unchanged(snapshot, "child", { actor, now }), input: endOf(rule, index, ending), isAutomatic: true };
}
