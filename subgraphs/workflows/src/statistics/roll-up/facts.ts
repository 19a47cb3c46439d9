/** What the history of an instance adds to the statistics. Pure: the roll-up, the read path without it, and tests use the same functions. */

/** A row of an instance's history. Times are milliseconds since 1970. */
export interface Step {
  readonly version: number;
  readonly kind: string;
  readonly transition: string | null;
  readonly toState: string;
  readonly at: number;
  readonly taskId: string | null;
  readonly actorId: string;
}

/** Current values of an instance by which it is counted. */
export interface CountedInstance {
  readonly id: string;
  readonly definitionId: string;
  readonly teamId: string | null;
  readonly environment: string;
  readonly state: string;
  readonly status: string;
  readonly version: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** How the definition says that the state ends an instance: completed, rejected, cancelled. Null for other states. */
  readonly final: string | null;
}

/** How an instance ended. */
export type Ending = "COMPLETED" | "REJECTED" | "CANCELLED";

export type Fact =
  | { readonly kind: "started"; readonly at: number }
  /** The instance left a state, after some time in it. `by` is the kind of the step (TRANSITION, ROLLBACK, …). */
  | {
      readonly kind: "left";
      readonly at: number;
      readonly state: string;
      readonly by: string;
      readonly transition: string | null;
      readonly to: string;
      readonly ms: number;
    }
  | { readonly kind: "ended"; readonly at: number; readonly ending: Ending; readonly ms: number }
  /** A user completed a task. */
  | { readonly kind: "done"; readonly at: number; readonly userId: string };

/** The state in which an instance is after some steps, and since when. */
export interface Stay {
  readonly state: string;
  readonly enteredAt: number;
}

/** Steps that leave a state even if they lead back into it. */
const leaving: ReadonlySet<string> = new Set(["TRANSITION", "ROLLBACK", "CANCELLATION"]);

/** Returns how a finished instance ended. */
export function endingOf({ status, final }: Pick<CountedInstance, "status" | "final">): Ending {
  if (status === "CANCELLED" || final === "cancelled") return "CANCELLED";
  return final === "rejected" ? "REJECTED" : "COMPLETED";
}

/**
 * Returns the facts of steps in the order of their versions, and the state after them.
 * @param stay state before the first step; null if the first step is the start
 * @param finished the instance, if its last step is among the steps and finished it
 */
export function factsOf(
  steps: readonly Step[],
  stay: Stay | null,
  finished: CountedInstance | null,
): { readonly facts: Fact[]; readonly stay: Stay | null } {
  const facts: Fact[] = [];
  let current = stay;
  for (const step of steps) {
    const { at, toState, kind, transition, taskId, actorId } = step;
    if (taskId !== null) facts.push({ kind: "done", at, userId: actorId });
    if (!current) facts.push({ kind: "started", at });
    else if (leaving.has(kind) || toState !== current.state)
      facts.push({ kind: "left", at, state: current.state, by: kind, transition, to: toState, ms: Math.max(0, at - current.enteredAt) });
    else continue;
    current = { state: toState, enteredAt: at };
  }
  if (finished && finished.finishedAt !== null) {
    const { finishedAt: at, createdAt } = finished;
    facts.push({ kind: "ended", at, ending: endingOf(finished), ms: Math.max(0, at - createdAt) });
  }
  return { facts, stay: current };
}
