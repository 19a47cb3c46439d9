import { BadUserInput, Conflict, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { lockParked, type ParkedRow, selectStopped, setParkedStatus } from "./parked-event.store.js";
import { type ParkedEvent, toParkedEvent } from "./parked-event.type.js";

const MAX_IDS = 100;

interface Decision {
  readonly status: "RETRY" | "SKIPPED";
  readonly action: "parkedEvent.retry" | "parkedEvent.skip";
  /** Wakes the consumers. */
  readonly event: "parkedEvent.retried" | "parkedEvent.skipped";
}

const retry: Decision = { status: "RETRY", action: "parkedEvent.retry", event: "parkedEvent.retried" };
const skip: Decision = { status: "SKIPPED", action: "parkedEvent.skip", event: "parkedEvent.skipped" };

/** Lets consumers handle parked events again. Skipped ones can be retried, too. @throws NotFound, Conflict, BadUserInput */
export const retryParkedEvents = (ctx: Context, ids: readonly string[]): Promise<ParkedEvent[]> => decide(ctx, ids, retry);

/** Decides that parked events are never handled. @throws NotFound, Conflict, BadUserInput */
export const skipParkedEvents = (ctx: Context, ids: readonly string[]): Promise<ParkedEvent[]> => decide(ctx, ids, skip);

async function decide(ctx: Context, given: readonly string[], decision: Decision): Promise<ParkedEvent[]> {
  if (given.length === 0 || given.length > MAX_IDS) throw new BadUserInput([{ path: "input.ids", message: `Pass 1 to ${MAX_IDS} IDs.` }]);
  const ids = [...new Set(given.map((id, at) => decodeId("parkedEvent", id, `input.ids.${at}`)))];
  return ctx.inTenant(async (tx) => {
    const before = new Map((await lockParked(tx, ids)).map((row) => [row.id, row]));
    for (const id of ids) assertOpen(id, before.get(id), decision);
    const instances = [...before.values()].flatMap(({ instanceId, status }) => (status === "PARKED" && instanceId ? [instanceId] : []));
    const stopped = instances.length > 0 ? await selectStopped(tx, instances) : new Set<string>();
    for (const { id, instanceId, status } of before.values())
      if (status === "PARKED" && instanceId !== null && stopped.has(instanceId))
        throw new Conflict(
          `The parked event ${encodeId("parkedEvent", id)} has opened an incident of the instance ${encodeId("instance", instanceId)}. Resolve the incident with resolveIncident.`,
        );
    const after = new Map((await setParkedStatus(tx, ids, decision.status)).map((row) => [row.id, row]));
    const changes = ids.flatMap((id) => {
      const [was, is] = [before.get(id), after.get(id)];
      return was && is ? [{ was, is }] : [];
    });
    await appendEvents(
      tx,
      ctx.meta,
      changes.map(({ is: { id, consumer, eventId } }) => ({
        type: decision.event,
        subjectId: id,
        subjectVersion: 1,
        payload: { consumer, eventId },
      })),
    );
    await writeAudit(
      tx,
      ctx.meta,
      changes.map(({ was, is }) => ({ action: decision.action, entityType: "parkedEvent", entityId: is.id, before: was, after: is })),
    );
    return changes.map(({ is }) => toParkedEvent(is));
  });
}

function assertOpen(id: string, row: ParkedRow | undefined, { status }: Decision): void {
  const shown = encodeId("parkedEvent", id);
  if (row === undefined) throw new NotFound("ParkedEvent", shown);
  if (row.status === "PARKED" || (row.status === "SKIPPED" && status === "RETRY")) return;
  throw new Conflict(`The parked event ${shown} has the status ${row.status}, so nothing is to be decided.`);
}
