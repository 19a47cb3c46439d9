import { actorOf, replaceInstance } from "@weft/engine";
import { BadUserInput, quote, TransitionRejected } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { type EffectiveConfig, effectiveConfigOf } from "@weft/platform/configuration";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import { lockObjectAccess, revokeObjectAccess } from "@weft/platform/object-access";
import type { Context } from "@weft/api/context";
import { getRequestTypeByKey } from "../request-types/request-type.service.js";
import { getRequest, imageOf, placesOfNoOther, type RequestRow } from "../requests/request.service.js";
import { toRequest, type RequestPayload } from "../requests/request.type.js";
import { priorityOf } from "../triage/priority.js";
import type { ConvertRequestInput } from "./convert.input.js";
import { hideWordsOfWorkflow, insertFormerInstance, updateTypeAndInstance } from "./convert.store.js";

/** The comment on the end of the former workflow. */
const COMMENT = "Converted to another type.";

/**
 * Converts a request to another type. Everything that belongs to the request stays: its ID, number, comments, files, watchers, links, place, and triage. Its
 * workflow is another one, which starts like that of every new request: in the initial state, without an assignee, with new SLA clocks. Fields that the
 * forms of both types have keep their values. A vendor to which the request was assigned no longer sees it. The number stays, because people have
 * written it down; so numbers of the new type's prefix are still without gaps. Duplicates, and requests that it blocks, are as before, because
 * the request has not ended.
 */
export async function convertRequest(ctx: Context, input: ConvertRequestInput): Promise<RequestPayload> {
  const { requests } = await effectiveConfigOf(ctx.services, ctx.viewer.tenantId);
  return ctx.inTenant(async (tx) => {
    const before = await getRequest(tx, ctx, input.id, "request.triage");
    await once(tx, ctx.meta, { mutation: "convertRequest", key: input.idempotencyKey, input }, async () => {
      await convert(tx, ctx, { before, input, matrix: requests.priorityMatrix });
      return { id: before.id };
    });
    return { request: toRequest(await getRequest(tx, ctx, input.id, "request.read")) };
  });
}

interface Conversion {
  readonly before: RequestRow;
  readonly input: ConvertRequestInput;
  readonly matrix: EffectiveConfig["requests"]["priorityMatrix"];
}

async function convert(tx: Tx, ctx: Context, { before, input, matrix }: Conversion): Promise<void> {
  if (before.closedAt !== null) {
    const message = `The request ${before.number} has ended. Create a new one instead.`;
    throw new TransitionRejected([{ code: "state", message }]);
  }
  const type = await getRequestTypeByKey(tx, ctx.viewer, input.typeKey, "input.typeKey");
  if (type.id === before.typeId) {
    const message = `The request already has the type ${quote(type.key)}.`;
    throw new BadUserInput([{ path: "input.typeKey", message }]);
  }
  // Taken before all other locks, as in an assignment.
  if (before.assigneeVendorId !== null) await lockObjectAccess(tx, [before.assigneeVendorId]);
  const head = await replaceInstance(tx, ctx.meta, {
    id: before.instanceId,
    expectedVersion: input.expectedVersion ?? before.instanceVersion,
    comment: COMMENT,
    createdAt: before.createdAt,
    starting: {
      definitionKey: type.definitionKey,
      data: { ...valuesFor(type.fields, before), ...input.data },
      fields: type.fields,
      ownerId: before.ownerId,
      subject: { type: "request", id: before.id, requestType: type.key },
      actor: actorOf(ctx.viewer),
    },
  });
  await updateTypeAndInstance(
    tx,
    before.id,
    { typeId: type.id, instanceId: head.id, priority: priorityOf(before, { matrix, defaultPriority: type.defaultPriority }) },
    head.updatedAt,
  );
  const { tenantId, id, instanceId, typeId, createdAt } = before;
  const { actorId, onBehalfOf } = ctx.meta;
  await insertFormerInstance(tx, { tenantId, instanceId, requestId: id, typeId, actorId, onBehalfOf, createdAt });
  await revokeFromVendor(tx, before);
  await hideWordsOfWorkflow(tx, id);
  const after = await getRequest(tx, ctx, input.id, "request.read");
  await appendEvents(tx, ctx.meta, [
    {
      type: "request.converted",
      subjectId: id,
      subjectVersion: head.version,
      related: { instance: head.id, requestType: type.id },
      payload: { fromTypeKey: before.typeKey, toTypeKey: type.key },
    },
  ]);
  await writeAudit(tx, ctx.meta, [
    { action: "request.convert", entityType: "request", entityId: id, before: imageOf(before), after: imageOf(after) },
  ]);
}

/** Returns the values of the fields that the forms of both types have. */
function valuesFor(fields: readonly string[], { data, typeFields }: RequestRow): Record<string, unknown> {
  const both = fields.filter((field) => typeFields.includes(field) && Object.hasOwn(data, field));
  return Object.fromEntries(both.map((field) => [field, data[field]]));
}

/** The new workflow is not assigned to the vendor, so its users see neither the request nor the former workflow. */
async function revokeFromVendor(tx: Tx, before: RequestRow): Promise<void> {
  const { assigneeVendorId: vendorId, id, instanceId } = before;
  if (vendorId === null) return;
  await revokeObjectAccess(tx, { objectIds: [id, instanceId, ...(await placesOfNoOther(tx, before, vendorId))], vendorId });
}
