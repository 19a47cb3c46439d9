/**
 * Incidents: decides what a resolution does: retry, skip, fire a transition, or cancel.
 * A transition that is fired this way obeys every rule of the definition.
 * This module never resolves an incident without a person.
 */
import type { Actor } from "../model/actor.js";
import { cancel } from "../instance/cancel.js";
import { childrenOf } from "../children/children.js";
import { readComment } from "../transition/read-comment.js";
import { fire } from "../transition/fire.js";
import type { IncidentAction } from "../model/incident.js";
import type { Machine } from "../model/machine.js";
import { unchanged, type Outcome } from "../model/outcome.js";
import { badInput, rejected, type Reason, type Rejection } from "../model/rejection.js";
import { fireAutomatic } from "../automatic/fire-automatic.js";
import { snapshotAfter } from "../outcome/snapshot-after.js";
import type { Snapshot } from "../model/snapshot.js";

export type ResolveRequest = {
  readonly action: IncidentAction;
  /** The transition that FIRE fires, with its input. */
  readonly transition?: string | null | undefined;
  readonly input?: unknown;
  readonly comment?: unknown;
  readonly actor: Actor;
  readonly now: string;
};

export type Resolved =
  | { readonly ok: true; readonly outcomes: readonly [Outcome, ...Outcome[]] }
  | { readonly ok: false; readonly rejection: Rejection };

/**
 * Resolves an incident. Returns the resolution and everything that follows from it, to be written in one transaction. RETRY lets the instance retry
 * what failed, SKIP leaves it where it is, FIRE fires a transition of its state as the actor, subject to every rule of the definition, and CANCEL
 * ends it. Without a machine (its definition cannot be read), only CANCEL is possible.
 */
export function resolve(machine: Machine | null, failed: Snapshot, request: ResolveRequest): Resolved {
  const { action, actor, now } = request;
  if (failed.status !== "FAILED")
    return rejected([{ rule: "status", message: `The instance is ${failed.status}: there is nothing to resolve.` }]);
  const comment = readComment(request.comment);
  if (comment.problem) return badInput([comment.problem]);
  const first: Outcome = {
    ...unchanged(failed, "resolution", request),
    status: "RUNNING",
    // Children that could not be started are tried again.
    startChildren: action === "RETRY" && machine && failed.children?.length === 0 ? childrenOf(machine, failed, request) : [],
    // A transition or an end carries the comment itself.
    comment: action === "RETRY" || action === "SKIP" ? comment.text : null,
    resolution: { action, comment: comment.text },
  };
  const running = snapshotAfter(failed, first);
  if (action === "CANCEL") {
    const ended = cancel(machine, running, { actor, comment: comment.text, now });
    return ended.ok ? { ok: true, outcomes: [first, ended.outcome] } : ended;
  }
  if (!machine) return rejected([unreadable(action)]);
  if (action === "SKIP") return { ok: true, outcomes: [first] };
  if (action === "RETRY") return { ok: true, outcomes: fireAutomatic(machine, failed, first, actor) };
  return fireFrom(machine, running, { ...request, first, comment: comment.text });
}

type Firing = Omit<ResolveRequest, "comment"> & { readonly first: Outcome; readonly comment: string | null };

/** `first` is the resolution itself, after which the transition is fired. */
function fireFrom(machine: Machine, running: Snapshot, { first, transition, input, comment, actor, now }: Firing): Resolved {
  if (typeof transition !== "string" || transition === "")
    return badInput([{ path: "transition", message: "FIRE requires the name of a transition of the current state." }]);
  const fired = fire(machine, running, { transition, input, comment, actor, now });
  return fired.ok ? { ok: true, outcomes: [first, ...fireAutomatic(machine, running, fired.outcome, actor)] } : fired;
}

function unreadable(action: IncidentAction): Reason {
  return {
    rule: "definition",
    message: `The definition of the instance still cannot be read, so ${action} is not possible. Have the definition repaired and try again, or end the instance with CANCEL.`,
  };
}
