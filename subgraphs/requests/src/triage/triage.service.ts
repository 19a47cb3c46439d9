import { actorOf, changeInstanceData } from "@weft/engine";
import { BadUserInput } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { effectiveConfigOf } from "@weft/platform/configuration";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import { defaultPriorityOf } from "../request-types/request-type.service.js";
import { getRequest, imageOf } from "../requests/request.service.js";
import { toRequest, type RequestPayload } from "../requests/request.type.js";
import { priorityOf } from "./priority.js";
import { readTags } from "./tags.js";
import type { TriageRequestInput } from "./triage.input.js";
import { updateTriage } from "./triage.store.js";

const fields = ["impact", "urgency", "priority", "dueAt", "tags"] as const;

/**
 * Sets priority, due date and tags. Increments the workflow's version, as every change of a request does, so that concurrent changes are detected.
 * Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, TRANSITION_REJECTED (finished or suspended).
 */
export async function triageRequest(ctx: Context, input: TriageRequestInput): Promise<RequestPayload> {
  const changed = fields.filter((field) => input[field] !== undefined);
  if (changed.length === 0)
    throw new BadUserInput([{ path: "input", message: `Nothing to change. Provide at least one of ${fields.join(", ")}.` }]);
  const tags = input.tags === undefined ? undefined : readTags(input.tags ?? [], "input.tags");
  const { requests } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  return ctx.inTenant(async (tx) => {
    const before = await getRequest(tx, ctx, input.id, "request.triage");
    const head = await changeInstanceData(tx, ctx.meta, {
      id: before.instanceId,
      patch: {},
      expectedVersion: input.expectedVersion ?? before.instanceVersion,
      actor: actorOf(ctx.viewer),
      permission: "request.triage",
    });
    const weights = {
      impact: input.impact === undefined ? before.impact : input.impact,
      urgency: input.urgency === undefined ? before.urgency : input.urgency,
      setPriority: input.priority === undefined ? before.setPriority : input.priority,
    };
    // A due date or a tag alone leaves the priority, even if the matrix has changed in the meantime.
    const isWeighed = changed.some((field) => field !== "dueAt" && field !== "tags");
    const triage = {
      ...weights,
      priority: isWeighed
        ? priorityOf(weights, { matrix: requests.priorityMatrix, defaultPriority: await defaultPriorityOf(tx, before.typeId) })
        : before.priority,
      dueAt: input.dueAt === undefined ? before.dueAt : input.dueAt,
      tags: tags ?? before.tags,
    };
    await updateTriage(tx, before.id, triage, head.updatedAt);
    const after = await getRequest(tx, ctx, input.id, "request.read");
    await appendEvents(tx, ctx.meta, [
      {
        type: "request.updated",
        subjectId: before.id,
        subjectVersion: head.version,
        related: { instance: before.instanceId },
        payload: { changed: [...changed] },
      },
    ]);
    const about = { entityType: "request", entityId: before.id } as const;
    await writeAudit(tx, ctx.meta, [
      { action: "request.triage", ...about, before: imageOf(before), after: imageOf(after) },
      // Apart, because users of a vendor see no tags.
      ...(tags === undefined ? [] : [{ action: "request.tag", ...about, before: { tags: before.tags }, after: { tags } }]),
    ]);
    return { request: toRequest(after) };
  });
}
