/** Performs a trigger for an event, in the transaction that records it. */
import {
  actorOf,
  correlationValue,
  fireInstance,
  startInstance,
  triggerValues,
  type CompiledTrigger,
  type TriggeringEvent,
} from "@weft/engine";
import { quote } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { attempt } from "../../attempt.js";
import { keepSubject } from "../../subjects/start-subject.js";
import type { TriggerRow } from "../trigger.store.js";
import { findByField, findByKey, findBySubject, type TriggeredInstance } from "./act.store.js";
import { resultOf, type RunResult } from "./run-result.js";
import { startedFor, subjectOf } from "./subject.js";

export interface Acting {
  readonly meta: WriteMeta;
  /** The user with whose rights the trigger acts. Null if the user is not active. */
  readonly viewer: Viewer | null;
  readonly trigger: TriggerRow;
  readonly compiled: CompiledTrigger;
  readonly envelope: Pick<EventEnvelope, "type" | "subjectType" | "subjectId" | "related">;
  readonly shown: TriggeringEvent;
  /** The object of the event is made up, and is not looked up. */
  readonly isSample?: boolean;
  /** Instances whose transition was fired by an earlier attempt. */
  readonly earlier?: readonly TriggeredInstance[];
  readonly onBug: (error: unknown) => void;
}

const MAX_KEY_CHARS = 200;

/**
 * Starts or fires as the trigger says. What fails is rolled back and becomes the result. Throws only if the whole transaction must be repeated
 * (deadlocks, an unavailable database). The caller has locked the trigger if it has a correlation key.
 */
export async function act(tx: Tx, acting: Acting): Promise<RunResult> {
  const { viewer, trigger } = acting;
  if (!viewer || viewer.vendorId !== null) return resultOf("FAILED", "The user with whose rights the trigger acts is not active.");
  const isFire = trigger.action === "FIRE";
  if (!isFire) return start(tx, acting, viewer);
  const missing = lacks(viewer, "workflow.fire");
  if (missing) return missing;
  const found = await correlate(tx, acting, viewer);
  if (!Array.isArray(found)) return found;
  if (found.length > 0) return fireAll(tx, acting, viewer, found);
  if (trigger.onNoMatch === "START") return start(tx, acting, viewer);
  return resultOf("IGNORED", "The event concerns no instance that has not ended and that the trigger can see.");
}

async function start(tx: Tx, acting: Acting, viewer: Viewer): Promise<RunResult> {
  const { trigger, compiled, envelope, shown, isSample = false, meta, onBug } = acting;
  const missing = lacks(viewer, "workflow.start");
  if (missing) return missing;
  const key = compiled.correlationKey && correlationValue(compiled.correlationKey, shown);
  if (compiled.correlationKey && (key === null || String(key).length > MAX_KEY_CHARS)) {
    const problem = key === null ? "has no value in this event" : `is longer than ${MAX_KEY_CHARS} characters`;
    return resultOf("FAILED", `The correlation key ${quote(trigger.correlationKey ?? "")} ${problem}.`);
  }
  const correlationKey = key === null ? null : String(key);
  if (correlationKey !== null) {
    const running = await findByKey(tx, trigger.id, correlationKey);
    if (running !== null) {
      const message = `An instance with the key ${quote(correlationKey)} has not ended yet.`;
      return resultOf("DUPLICATE", message, { correlationKey, instanceId: running });
    }
  }
  const subject = startedFor(envelope);
  const attempted = await attempt(tx, onBug, async (inner) => {
    if (subject && !isSample && !(await keepSubject(inner, subject))) return null;
    return startInstance(inner, meta, {
      definitionKey: trigger.definitionKey ?? undefined,
      data: triggerValues(compiled.data, shown),
      ownerId: viewer.userId,
      subject,
      actor: actorOf(viewer),
    });
  });
  if ("failure" in attempted) return resultOf("FAILED", attempted.failure.message, { correlationKey });
  if (attempted.value === null)
    return resultOf("IGNORED", `The ${subject?.type ?? "object"} that the workflow would be about has been deleted.`, { correlationKey });
  return resultOf("STARTED", null, { correlationKey, instanceId: attempted.value.id });
}

/** Returns the UUIDs of the instances, or the result if they cannot be determined. */
async function correlate(tx: Tx, { trigger, compiled, shown, envelope }: Acting, viewer: Viewer): Promise<string[] | RunResult> {
  const { correlation, correlationField, correlationValue: expression, definitionKey, maxMatches } = trigger;
  const limit = maxMatches + 1;
  let found: string[];
  if (correlation === "SUBJECT") found = await findBySubject(tx, viewer, subjectOf(envelope), { definitionKey, limit });
  else {
    const value = compiled.value && correlationValue(compiled.value, shown);
    if (value === null || correlationField === null || definitionKey === null)
      return resultOf("FAILED", `The correlation value ${quote(expression ?? "")} has no value in this event.`);
    found = await findByField(tx, viewer, { field: correlationField, value }, { definitionKey, limit });
  }
  if (found.length <= maxMatches) return found;
  return resultOf("FAILED", `The event concerns more than ${maxMatches} instances. No transition was fired.`);
}

async function fireAll(tx: Tx, acting: Acting, viewer: Viewer, ids: readonly string[]): Promise<RunResult> {
  const { trigger, compiled, shown, meta, onBug, earlier = [] } = acting;
  const done = new Map(earlier.filter(({ outcome }) => outcome === "FIRED").map((one) => [one.id, one]));
  const input = trigger.input === null ? undefined : triggerValues(compiled.input, shown);
  const instances: TriggeredInstance[] = [...done.values()].filter(({ id }) => !ids.includes(id));
  for (const id of ids) {
    const before = done.get(id);
    if (before) {
      instances.push(before);
      continue;
    }
    const attempted = await attempt(tx, onBug, (inner) =>
      fireInstance(inner, meta, {
        id,
        transition: trigger.transition ?? "",
        actor: actorOf(viewer),
        input,
        comment: `Trigger ${quote(trigger.name)}`,
        lockRead: true,
      }),
    );
    const failure = "failure" in attempted ? attempted.failure : null;
    instances.push({ id, outcome: failure?.outcome ?? "FIRED", message: failure?.message ?? null });
  }
  const worst = instances.find(({ outcome }) => outcome === "FAILED") ?? instances.find(({ outcome }) => outcome === "REJECTED");
  const hasFired = instances.some(({ outcome }) => outcome === "FIRED");
  const outcome = worst?.outcome === "FAILED" || !hasFired ? (worst?.outcome ?? "FIRED") : "FIRED";
  return resultOf(outcome, worst?.message ?? null, { instances });
}

function lacks(viewer: Viewer, permission: Permission): RunResult | null {
  if (hasPermission(viewer, permission)) return null;
  return resultOf("FAILED", `The user with whose rights the trigger acts does not have the permission ${permission}.`);
}
