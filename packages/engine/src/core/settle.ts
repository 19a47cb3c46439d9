/** What a move leads to by itself: automatic transitions, one after the other, until the instance rests. */
import { MAX_CHILDREN, collectResults, judgeJoin, tooManyChildren } from "./children.js";
import { conditionHolds } from "./verdict.js";
import { move } from "./fire.js";
import type { NewIncident } from "./incident.js";
import type { Machine, Transition } from "./machine.js";
import { quote } from "./problems.js";
import { ENTERS, snapshotAfter } from "./snapshot-after.js";
import type { Actor } from "./actor.js";
import { still, type Outcome, type OutcomeKind } from "./outcome.js";
import type { Snapshot } from "./snapshot.js";
import { undecided } from "./votes.js";

/** More automatic transitions after one move are a loop. */
export const MAX_AUTOMATIC = 50;

/** Moves after which nothing goes on by itself: they change nothing that a condition reads, or stop the instance. */
const STILL: ReadonlySet<OutcomeKind> = new Set(["comment", "suspend", "cancel", "incident"]);

/**
 * The move itself and what follows from it, in order; all of it is to be written at once. Where it would never come to rest, or could not go on, the
 * move stands and an incident follows it. `actor` is whose move it was. Pure, and bounded by MAX_AUTOMATIC.
 */
export function settle(machine: Machine, before: Snapshot, first: Outcome, actor: Actor): readonly [Outcome, ...Outcome[]] {
  if (first.status !== "RUNNING" || STILL.has(first.kind)) return [first];
  const rested = snapshotAfter(before, first);
  const chain: [Outcome, ...Outcome[]] = [first];
  const visited: string[] = [];
  let snapshot = rested;
  for (;;) {
    const state = machine.states.get(snapshot.state);
    const joined = judgeJoin(state, snapshot.children);
    if (joined && "stuck" in joined) return withoutPassing([...chain, incidentOutcome(snapshot, joined.stuck, { actor, now: first.at })]);
    const next = joined ? state?.transitions.get(joined.fires) : nextAutomatic(machine, snapshot, actor, first.at);
    if (!next) {
      const crowd = state && (chain.at(-1)?.startChildren.length ?? 0) > MAX_CHILDREN ? tooManyChildren(state) : null;
      return withoutPassing(crowd ? [...chain, incidentOutcome(snapshot, crowd, { actor, now: first.at })] : chain);
    }
    visited.push(snapshot.state);
    if (visited.length > MAX_AUTOMATIC)
      return withoutPassing([first, incidentOutcome(rested, loopOf(rested, visited), { actor, now: first.at })]);
    const data = joined && state ? { data: collectResults(state, snapshot.data, snapshot.children ?? []) } : {};
    const result = move(machine, snapshot, next, { actor, now: first.at, input: null, comment: null, ...data });
    if (!result.ok) {
      const place = `states.${snapshot.state}.transitions.${next.name}`;
      const message = `The automatic transition ${quote(next.name)} cannot be fired: ${result.rejection.problems.map((one) => `${one.path}: ${one.message}`).join(" ")}`;
      return withoutPassing([
        ...chain,
        incidentOutcome(snapshot, { kind: "DATA", message: message.slice(0, 2000), place }, { actor, now: first.at }),
      ]);
    }
    // Nobody has done what an automatic transition ends, not even who had claimed it.
    const closeTasks = result.outcome.closeTasks.map(({ id }) => ({ id, reason: "superseded" }) as const);
    const outcome: Outcome = { ...result.outcome, closeTasks, isAutomatic: true };
    chain.push(outcome);
    snapshot = snapshotAfter(snapshot, outcome);
  }
}

/** A move that stops the instance, because it cannot go on by itself: status FAILED, state and data as they are. */
export function incidentOutcome(snapshot: Snapshot, incident: NewIncident, request: { actor: Actor; now: string }): Outcome {
  return { ...still(snapshot, "incident", request), status: "FAILED", incident, isAutomatic: true };
}

function nextAutomatic(machine: Machine, snapshot: Snapshot, actor: Actor, now: string): Transition | undefined {
  if (snapshot.status !== "RUNNING") return undefined;
  const otherwise = undecided(machine, snapshot);
  if (otherwise) return otherwise;
  const transitions = machine.states.get(snapshot.state)?.transitions.values() ?? [];
  return [...transitions].find((one) => one.isAutomatic && conditionHolds(machine, snapshot, one, { actor, now }));
}

function loopOf({ state }: Snapshot, visited: readonly string[]): NewIncident {
  const round = [...new Set(visited)].slice(0, 10).map((name) => quote(name));
  const message = `Automatic transitions would go on for ever, by way of ${round.join(", ")}. Nothing of it was done; the instance waits in ${quote(state)}.`;
  return { kind: "LOOP", message, place: `states.${state}` };
}

/** Tasks of states that were only passed through are neither opened nor closed, and their children neither started nor cancelled. */
function withoutPassing(chain: readonly [Outcome, ...Outcome[]]): readonly [Outcome, ...Outcome[]] {
  if (chain.length === 1) return chain;
  const closed = new Set(chain.flatMap(({ closeTasks }) => closeTasks.map(({ id }) => id)));
  const opened = new Set<string>();
  const idle = chain.map((outcome, at) => {
    const openTasks = outcome.openTasks.filter((_task, index) => {
      const id = passingId(outcome, index);
      opened.add(id);
      return !closed.has(id);
    });
    const isPassing = chain.slice(at + 1).some(({ kind }) => ENTERS.has(kind)) || outcome.startChildren.length > MAX_CHILDREN;
    const cancelsChildren = outcome.cancelsChildren && !chain.slice(0, at).some(({ kind }) => ENTERS.has(kind));
    return { ...outcome, openTasks, cancelsChildren, startChildren: isPassing ? [] : outcome.startChildren };
  });
  return idle.map((outcome) => ({ ...outcome, closeTasks: outcome.closeTasks.filter(({ id }) => !opened.has(id)) })) as unknown as [
    Outcome,
    ...Outcome[],
  ];
}

const passingId = ({ version }: Outcome, index: number): string => `${version.to}-${index}`;
