import { actorOf, startInstance } from "@weft/engine";
import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { decodeIdOrNull, encodeId, newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents } from "@weft/platform/events";
import { once } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { setExternalId } from "@weft/api/external-ids";
import { type Numbering, numberingOf } from "@weft/api/numbers";
import { requireAsset } from "../assets/asset.service.js";
import { assertActiveBuildingOfAsset, requireActiveBuilding } from "../buildings/building.service.js";
import { getRequestTypeByKey } from "../request-types/request-type.service.js";
import { assertInBuilding, requireSpace } from "../spaces/space.service.js";
import { nextRequestNumber } from "./request-number.store.js";
import { findRequest, insertRequest } from "./request.store.js";
import { type CreateRequestInput, toRequest, type RequestPayload } from "./request.type.js";

/**
 * Creates a draft. Its workflow starts in the same transaction, in the initial state of the newest published version of the type's definition.
 * Errors: BAD_USER_INPUT (unknown type, building, asset or space; fields that violate the schema), CONFLICT (idempotency key used with different input).
 */
export async function createRequest(ctx: Context, input: CreateRequestInput): Promise<RequestPayload> {
  const wanted = {
    buildingId: decodeIdOrNull("building", input.buildingId, "input.buildingId") ?? null,
    assetId: decodeIdOrNull("asset", input.assetId, "input.assetId") ?? null,
    spaceId: decodeIdOrNull("space", input.spaceId, "input.spaceId"),
  };
  // Before the transaction: a request that holds a connection must not ask for another one.
  const numbering = await numberingOf(ctx);
  return ctx.inTenant(async (tx) => {
    const { result } = await once(tx, ctx.meta, { mutation: "createRequest", key: input.idempotencyKey, input }, async () => {
      const id = await createDraft(tx, ctx, { typeKey: input.typeKey, data: input.data ?? {}, place: wanted, numbering });
      await setExternalId(tx, ctx, { list: "REQUESTS", objectId: id, externalId: input.externalId ?? undefined });
      return { id };
    });
    const id = result["id"] ?? "";
    // Read with the viewer's current rights: a replay by a user who can no longer see the request fails with NOT_FOUND.
    const row = await findRequest(tx, ctx.viewer, id, "request.read");
    if (row === null) throw new NotFound("Request", encodeId("request", id));
    return { request: toRequest(row) };
  });
}

/** The user in whose name rows are written, with the metadata of these rows. */
export type Writer = Pick<Context, "viewer" | "meta">;

export interface NewDraft {
  readonly typeKey: string;
  readonly data: Record<string, unknown>;
  readonly place: WantedPlace;
  readonly numbering: Numbering;
  readonly priority?: number | null;
  readonly dueAt?: string | null;
  readonly tags?: readonly string[];
  /** The owner, if not the viewer. */
  readonly ownerId?: string;
  /** A place in which the request can be even if its building has become inactive. */
  readonly before?: Place;
  /** The request form link with which the request is created. */
  readonly linkId?: string;
  /** Whether an email creates the request. */
  readonly isFromEmail?: boolean;
}

/** Creates a draft in a transaction, and starts its workflow. Returns its UUID. Errors: BAD_USER_INPUT. */
export async function createDraft(tx: Tx, { viewer, meta }: Writer, draft: NewDraft): Promise<string> {
  const type = await getRequestTypeByKey(tx, viewer, draft.typeKey, "input.typeKey");
  const place = await assertPlace(tx, viewer, draft.place, draft.before && { before: draft.before });
  const { dueAt = null, priority = null, ownerId = viewer.userId } = draft;
  const tags = [...(draft.tags ?? [])];
  const id = newId();
  const head = await startInstance(tx, meta, {
    definitionKey: type.definitionKey,
    data: draft.data,
    fields: type.fields,
    ownerId,
    subject: { type: "request", id, requestType: type.key },
    actor: actorOf(viewer),
  });
  const number = await nextRequestNumber(tx, type, yearOf(head.createdAt, draft.numbering.timeZone), draft.numbering);
  const row = {
    tenantId: viewer.tenantId,
    id,
    number,
    typeId: type.id,
    instanceId: head.id,
    ...place,
    createdBy: viewer.userId,
    linkId: draft.linkId ?? null,
    isFromEmail: draft.isFromEmail ?? false,
    setPriority: priority,
    priority: priority ?? type.defaultPriority,
    dueAt,
    version: 1,
    createdAt: head.createdAt,
    updatedAt: head.createdAt,
  };
  await insertRequest(tx, { ...row, tags });
  const related = {
    instance: head.id,
    requestType: type.id,
    ...(place.buildingId && { building: place.buildingId }),
    ...(place.assetId && { asset: place.assetId }),
  };
  await appendEvents(tx, meta, [
    { type: "request.created", subjectId: id, subjectVersion: head.version, related, payload: { number, typeKey: type.key } },
  ]);
  const about = { entityType: "request", entityId: id } as const;
  await writeAudit(tx, meta, [
    { action: "request.create", ...about, before: null, after: row },
    // Apart, because users of a vendor see no tags.
    ...(tags.length === 0 ? [] : [{ action: "request.tag", ...about, before: { tags: [] }, after: { tags } }]),
  ]);
  return id;
}

const yearOf = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat("en-US", { timeZone, year: "numeric" }).format(new Date(at));

/** Building, asset and space that a request is about. */
export interface Place {
  readonly buildingId: string | null;
  readonly assetId: string | null;
  readonly spaceId: string | null;
}

/** A place in an input. If the space is omitted, that of a new asset is meant, or the one until now. */
export type WantedPlace = Omit<Place, "spaceId"> & { readonly spaceId: string | null | undefined };

/**
 * Returns the place, completed with the building of the asset or the space, and with the asset's space.
 * @param before the place until now: a request can stay in a building that has become inactive
 * @throws BadUserInput if the building, asset or space is unknown, the building is inactive, or the asset or space is in another building
 */
export async function assertPlace(
  tx: Tx,
  viewer: Viewer,
  wanted: WantedPlace,
  { before, path = "input" }: { readonly before?: Place; readonly path?: string } = {},
): Promise<Place> {
  const { assetId, spaceId } = wanted;
  const isNew = (id: string): boolean => id !== before?.buildingId;
  const space = typeof spaceId === "string" ? await requireSpace(tx, viewer, spaceId, `${path}.spaceId`) : null;
  if (wanted.buildingId !== null && isNew(wanted.buildingId))
    await requireActiveBuilding(tx, viewer, wanted.buildingId, `${path}.buildingId`);
  const asset = assetId === null ? null : await requireAsset(tx, viewer, assetId, `${path}.assetId`);
  if (wanted.buildingId !== null && asset !== null && asset.buildingId !== wanted.buildingId) {
    throw new BadUserInput([{ path: `${path}.assetId`, message: `The asset ${quote(asset.tag)} is not in that building.` }]);
  }
  const buildingId = wanted.buildingId ?? asset?.buildingId ?? space?.buildingId ?? null;
  if (wanted.buildingId === null && asset !== null && isNew(asset.buildingId))
    await assertActiveBuildingOfAsset(tx, viewer, asset.buildingId, `${path}.assetId`);
  if (wanted.buildingId === null && asset === null && space !== null && isNew(space.buildingId))
    await requireActiveBuilding(tx, viewer, space.buildingId, `${path}.spaceId`);
  if (buildingId === null) return { buildingId, assetId, spaceId: null };
  if (space !== null) assertInBuilding(space, buildingId, `${path}.spaceId`);
  if (spaceId !== undefined) return { buildingId, assetId, spaceId };
  const kept = buildingId === before?.buildingId ? before.spaceId : null;
  const spaceOfNewAsset = asset !== null && asset.id !== before?.assetId ? asset.spaceId : null;
  return { buildingId, assetId, spaceId: spaceOfNewAsset ?? kept };
}
