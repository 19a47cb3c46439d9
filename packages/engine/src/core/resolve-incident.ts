/** What people do about an incident. */
import type { Actor } from "./actor.js";
import { cancel } from "./cancel.js";
import { childrenOf } from "./children.js";
import { readComment } from "./comment.js";
import { fire } from "./fire.js";
import type { IncidentAction } from "./incident.js";
import type { Machine } from "./machine.js";
import { still, type Outcome } from "./outcome.js";
import { badInput, rejected, type Reason, type Rejection } from "./rejection.js";
import { settle } from "./settle.js";
import { snapshotAfter } from "./snapshot-after.js";
import type { Snapshot } from "./snapshot.js";

export type ResolveRequest = {
  readonly action: IncidentAction;
  /** Which one FIRE fires, with its input. */
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
 * Ends an incident, with what follows from it, all of it to be written at once. RETRY lets the instance try again what it could not do, SKIP lets it rest
 * where it is, FIRE fires a transition of its state as the actor, whom every rule of the definition holds, and CANCEL ends it. Without a machine
 * (its definition cannot be read) there is only CANCEL.
 */
export function resolve(machine: Machine | null, failed: Snapshot, request: ResolveRequest): Resolved {
  const { action, actor, now } = request;
  if (failed.status !== "FAILED")
    return rejected([{ rule: "status", message: `The instance is ${failed.status}: there is nothing to resolve.` }]);
  const comment = readComment(request.comment);
  if (comment.problem) return badInput([comment.problem]);
  const first: Outcome = {
    ...still(failed, "resolution", request),
    status: "RUNNING",
    // What could not be started is tried again.
    startChildren: action === "RETRY" && machine && failed.children?.length === 0 ? childrenOf(machine, failed, request) : [],
    // What a transition or an end says, it says itself.
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
  if (action === "RETRY") return { ok: true, outcomes: settle(machine, failed, first, actor) };
  return fireFrom(machine, running, { ...request, first, comment: comment.text });
}

type Firing = Omit<ResolveRequest, "comment"> & { readonly first: Outcome; readonly comment: string | null };

/** `first` is the resolution itself, upon which the firing comes. */
function fireFrom(machine: Machine, running: Snapshot, { first, transition, input, comment, actor, now }: Firing): Resolved {
  if (typeof transition !== "string" || transition === "")
    return badInput([{ path: "transition", message: "FIRE needs the name of a transition of the present state." }]);
  const fired = fire(machine, running, { transition, input, comment, actor, now });
  return fired.ok ? { ok: true, outcomes: [first, ...settle(machine, running, fired.outcome, actor)] } : fired;
}

function unreadable(action: IncidentAction): Reason {
  return {
    rule: "definition",
    message: `The definition of the instance still cannot be read: nothing can go on with ${action}. Have it repaired and try again, or end the instance with CANCEL.`,
  };
}
