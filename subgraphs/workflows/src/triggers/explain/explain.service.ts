import { evaluateTrigger, triggerValues, type TriggeringEvent } from "@weft/engine";
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { type EventEnvelope, eventTypes, isTriggering } from "@weft/shared/event-catalog";
import { decodeId, encodeId, newId, parseAnyId } from "@weft/shared/ids";
import { asTenant, type Tx } from "@weft/platform/db";
import { findEvent } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { act } from "../act/act.js";
import type { RunResult } from "../act/run-result.js";
import { isInterested, shownTrigger } from "../act/trigger.consumer.js";
import { checkedTerms, compiledOf } from "../compiled.js";
import { selectRunsOfEvent } from "../runs/trigger-run.store.js";
import { toTriggerRun, toTriggeredInstances, type TriggerOutcome } from "../runs/trigger-run.type.js";
import { newTerms, readTerms, resolvedEventType, type Terms } from "../terms.js";
import { selectTriggersOf, type TriggerRow } from "../trigger.store.js";
import { toTrigger } from "../trigger.type.js";
import type { TestTriggerArgs, TriggerExplanation, TriggerTest } from "./explain.type.js";

/** Explains for each trigger of the event's type why it did or did not act. Nothing is recorded for triggers that do not react, so it is evaluated now. */
export function explainTriggers(ctx: Context, eventId: string): Promise<TriggerExplanation[]> {
  return ctx.read(async (tx) => {
    const event = await getEvent(tx, eventId);
    const runs = new Map((await selectRunsOfEvent(tx, event.id)).map((run) => [run.triggerId, run]));
    const rows = await selectTriggersOf(tx, event.type);
    return rows.map((row) => {
      const run = runs.get(row.id);
      const reasons = whyNot(row, event);
      return { trigger: toTrigger(row), isMatch: reasons.length === 0, reasons, run: run ? toTriggerRun(run) : null };
    });
  });
}

function whyNot(row: TriggerRow, event: EventEnvelope): string[] {
  if (!row.isActive) return ["The trigger is not active."];
  if (event.position <= row.afterPosition) return ["The event occurred before the trigger was activated."];
  if (!isInterested(row, event))
    return [`The event has the name ${JSON.stringify(event.payload["name"])}, but must have ${JSON.stringify(row.eventName)}.`];
  return failuresOf(evaluateTrigger(compiledOf(row), shownTrigger(event)));
}

const failuresOf = (result: ReturnType<typeof evaluateTrigger>): string[] =>
  result.holds ? [] : result.failures.map(({ message }) => message);

/** Carries the result out of the transaction that is rolled back. */
class RolledBack extends Error {
  readonly result: RunResult;

  constructor(result: RunResult) {
    super("rolled back");
    this.result = result;
  }
}

/** Does what the trigger would do, with the viewer's rights, and rolls it back. */
export async function testTrigger(ctx: Context, args: TestTriggerArgs): Promise<TriggerTest> {
  const { eventType, action, ...given } = args.input;
  const { viewer } = ctx;
  const { terms, sample, compiled } = await ctx.read(async (tx) => {
    // Whether the viewer could ever fire the transition is part of the result.
    const by = { tenantId: viewer.tenantId, actor: null };
    const resolved = await resolvedEventType(tx, { ...given, eventType });
    const read = await readTerms(tx, by, newTerms({ eventType: resolved.eventType, action }), { ...given, ...resolved });
    const checked = await checkedTerms(tx, by, read);
    const sample = await readSample(tx, resolved.eventType, args);
    return { terms: read, sample, compiled: checked.trigger };
  });
  const failures = failuresOf(evaluateTrigger(compiled, sample.shown));
  const name = (sample.shown.payload as { readonly name?: unknown }).name;
  const reasons =
    terms.eventName !== null && name !== terms.eventName
      ? [`The event has the name ${JSON.stringify(name)}, but must have ${JSON.stringify(terms.eventName)}.`, ...failures]
      : failures;
  if (reasons.length > 0) return { isMatch: false, reasons, outcome: null, message: null, data: null, correlationKey: null, instances: [] };
  const trigger = triggerOf(ctx, terms);
  const onBug = (error: unknown): void => ctx.services.log.error({ err: error }, "the test of a trigger failed");
  const result = await asTenant(ctx.services.databases.app, viewer, "write", async (tx) => {
    throw new RolledBack(await act(tx, { meta: ctx.meta, viewer, trigger, compiled, ...sample, onBug }));
  }).catch((error: unknown) => {
    if (error instanceof RolledBack) return error.result;
    throw error;
  });
  const { outcome, message, correlationKey, instances } = result;
  const starts = action === "START" || (outcome !== "FIRED" && instances.length === 0 && terms.onNoMatch === "START");
  return {
    isMatch: true,
    reasons: [],
    outcome: outcome as TriggerOutcome,
    message,
    data: starts ? triggerValues(compiled.data, sample.shown) : null,
    correlationKey,
    instances: toTriggeredInstances(instances),
  };
}

interface Sample {
  readonly envelope: Pick<EventEnvelope, "type" | "subjectType" | "subjectId" | "related">;
  readonly shown: TriggeringEvent;
  readonly isSample?: true;
}

async function readSample(tx: Tx, eventType: string, { eventId, payload }: TestTriggerArgs): Promise<Sample> {
  if ((typeof eventId === "string") === (payload !== undefined && payload !== null))
    throw new BadUserInput([{ path: "eventId", message: "Pass either an event or a sample payload." }]);
  if (typeof eventId === "string") {
    const event = await getEvent(tx, decodeId("event", eventId, "eventId"));
    if (event.type !== eventType)
      throw new BadUserInput([{ path: "eventId", message: `The event is of the type ${event.type}, not ${eventType}.` }]);
    return { envelope: event, shown: shownTrigger(event) };
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload) || !isTriggering(eventType))
    throw new BadUserInput([{ path: "payload", message: "Expected an object with names and values." }]);
  return sampleOf(eventType, payload as TriggeringEvent["payload"]);
}

/** The instance of a sample event is the one that its payload names. */
function sampleOf(eventType: keyof typeof eventTypes, payload: TriggeringEvent["payload"]): Sample {
  const { subject } = eventTypes[eventType];
  const instance = parseAnyId((payload as { readonly instanceId?: unknown }).instanceId);
  const instanceId = instance?.type === "instance" ? instance.uuid : null;
  const subjectId = subject === "instance" && instanceId !== null ? instanceId : newId();
  const related: Record<string, string> = instanceId !== null && subject !== "instance" ? { instance: instanceId } : {};
  return {
    isSample: true,
    envelope: { type: eventType, subjectType: subject, subjectId, related },
    shown: {
      payload,
      event: {
        id: encodeId("event", newId()),
        type: eventType,
        subject: { type: subject, id: encodeId(subject, subjectId), version: 1 },
        related: Object.fromEntries(Object.entries(related).map(([type, id]) => [type, encodeId(type as "instance", id)])),
      },
    },
  };
}

/** Returns an unsaved trigger. */
function triggerOf({ viewer }: Context, terms: Terms): TriggerRow {
  const { tenantId, userId } = viewer;
  return {
    ...terms,
    name: terms.name === "" ? "Test" : terms.name,
    tenantId,
    id: newId(),
    isActive: true,
    stopReason: null,
    afterPosition: 0,
    userId,
    version: 1,
    createdBy: userId,
    createdAt: "",
    updatedAt: "",
  };
}

async function getEvent(tx: Tx, id: string): Promise<EventEnvelope> {
  const event = await findEvent(tx, id);
  // Internal events are shown to nobody.
  if (!event || !isTriggering(event.type)) throw new NotFound("Event", encodeId("event", id));
  return event;
}
