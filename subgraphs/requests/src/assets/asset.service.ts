import { type FieldColumns, fieldsOfChanged, fieldsOfChangedType, fieldsOfNew, keyedInput, type JsonObject } from "@weft/engine";
import { BadUserInput, NotFound, type Problem } from "@weft/shared/errors";
import { decodeId, decodeIdOrNull, encodeId, type IdType, newId } from "@weft/shared/ids";
import type { Permission, Viewer } from "@weft/shared/viewer";
import { changedMeanwhile, type Tx } from "@weft/platform/db";
import { recordChange } from "@weft/platform/events";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import { setExternalId } from "@weft/api/external-ids";
import { allCheckedInTurn } from "@weft/api/inputs";
import { startLifecycle } from "../asset-types/asset-lifecycle.js";
import { useAssetType } from "../asset-types/asset-type.service.js";
import { requireActiveBuilding } from "../buildings/building.service.js";
import { assertInBuilding, requireSpace } from "../spaces/space.service.js";
import { assertParent } from "./asset.hierarchy.js";
import { recordTransfers } from "./asset-transfer.record.js";
import {
  type AssetChanges,
  type AssetRow,
  findAsset,
  findAssetByTag,
  findPeople,
  hasRunningLifecycle,
  insertAsset,
  updateAssetRow,
} from "./asset.store.js";
import { assetColumns, type CreateAssetInput, toAsset, type AssetPayload, type UpdateAssetInput } from "./asset.type.js";
import { assertPrice, assertValues, referencesOf } from "./asset.values.js";

export { namesOfAsset } from "./asset.store.js";

export async function createAsset(ctx: Context, input: CreateAssetInput): Promise<AssetPayload> {
  const { ownerId, custodianId, parentId, fields: givenFields, externalId } = input;
  const values = { ...nulls, ...assetColumns.plain(input) };
  return ctx.inTenant(async (tx) => {
    const keyed = await keyedInput(tx, ctx, { kind: "ASSET", typeKey: values.type }, input);
    const id = await createOnce(tx, ctx.meta, { mutation: "createAsset", ...keyed }, async () => {
      const id = newId();
      const [, , place, references, { type, fields }] = await allCheckedInTurn(
        () => assertValues({ ...values, type: undefined }),
        () => assertPrice(values),
        () => placeOfNew(tx, ctx.viewer, input),
        () => existingReferences(tx, ctx.viewer, { ownerId, custodianId, parentId }),
        () => typeAndFields(tx, ctx, { id, type: values.type, given: givenFields }),
      );
      const lifecycle = await startLifecycle(tx, ctx, type, { ...values, id });
      const row = await insertAsset(tx, {
        ...values,
        ...lifecycle,
        ...fields,
        ...references,
        ...place,
        tenantId: ctx.viewer.tenantId,
        id,
        hasUniqueSerialNumber: type.hasUniqueSerialNumbers,
      });
      const payload = { tag: row.tag, name: row.name, assetType: row.type };
      const event = { type: "asset.created", related: { building: place.buildingId }, payload } as const;
      await recordChange(tx, ctx.meta, { event, before: null, after: row });
      await setExternalId(tx, ctx, { list: "ASSETS", objectId: id, externalId: externalId ?? undefined });
      return row;
    });
    return { asset: toAsset(await getAsset(tx, ctx.viewer, id, "asset.read")) };
  });
}

interface TypedFields {
  readonly id: string;
  readonly type: string;
  readonly given: unknown;
}

/** The type of a new asset, and its custom fields, which depend on the type. */
async function typeAndFields(tx: Tx, ctx: Context, { id, type: key, given }: TypedFields) {
  assertValues({ type: key });
  const type = await useAssetType(tx, ctx, key);
  return { type, fields: await fieldsOfNew(tx, ctx, { kind: "ASSET", typeKey: type.key }, { id, given }) };
}

/** The place of a new asset. @throws BadUserInput for a building and a space that do not exist or do not fit */
async function placeOfNew(tx: Tx, viewer: Viewer, input: Pick<CreateAssetInput, "buildingId" | "spaceId">) {
  const buildingId = decodeId("building", input.buildingId, "input.buildingId");
  const spaceId = decodeIdOrNull("space", input.spaceId, "input.spaceId") ?? null;
  await requireActiveBuilding(tx, viewer, buildingId, "input.buildingId");
  if (spaceId !== null) assertInBuilding(await requireSpace(tx, viewer, spaceId, "input.spaceId"), buildingId);
  return { buildingId, spaceId };
}

async function existingReferences(tx: Tx, viewer: Viewer, given: Parameters<typeof referencesOf>[0]) {
  const references = referencesOf(given);
  await assertReferences(tx, viewer, references, null);
  return references;
}

const nulls = { purchaseCost: null, purchaseCurrency: null };

/** Changes the given fields. Of concurrent changes to the same version, one succeeds and the others fail with CONFLICT. */
export async function updateAsset(ctx: Context, input: UpdateAssetInput): Promise<AssetPayload> {
  const id = decodeId("asset", input.id, "input.id");
  const { id: _id, expectedVersion: _version, ...given } = input;
  const buildingId = decodeIdOrNull("building", input.buildingId, "input.buildingId");
  const spaceId = decodeIdOrNull("space", input.spaceId, "input.spaceId");
  const changed = assetColumns.given({ ...given, buildingId, spaceId });
  const { ownerId, custodianId, parentId, externalId, fields: _fields, ...values } = changed;
  assertValues(values);
  const references = referencesOf({ ownerId, custodianId, parentId });
  return ctx.inTenant(async (tx) => {
    const before = await getAsset(tx, ctx.viewer, id, "asset.update");
    assertPrice({ ...before, ...values });
    // An asset can stay in a building that has become inactive.
    if (values.buildingId !== undefined && values.buildingId !== before.buildingId)
      await requireActiveBuilding(tx, ctx.viewer, values.buildingId, "input.buildingId");
    const spaceOf = await changedSpace(tx, ctx.viewer, before, { buildingId: values.buildingId ?? before.buildingId, spaceId });
    await assertReferences(tx, ctx.viewer, references, id);
    await assertNoLifecycle(tx, before, values);
    const changes: AssetChanges = { ...values, ...references, ...spaceOf };
    if (values.type !== undefined && values.type !== before.type)
      changes.hasUniqueSerialNumber = (await useAssetType(tx, ctx, values.type)).hasUniqueSerialNumbers;
    const fields = await changedFieldsOf(tx, ctx, before, { type: values.type ?? before.type, given: input.fields });
    const after = await updateAssetRow(tx, before, input.expectedVersion ?? before.version, { ...changes, ...fields });
    if (after === null) throw changedMeanwhile("asset", before.version);
    await setExternalId(tx, ctx, { list: "ASSETS", objectId: id, externalId });
    const isFieldNew = "fields" in fields && !("fields" in changed);
    const payload = { changed: [...Object.keys(changed), ...(isFieldNew ? ["fields"] : [])] };
    await recordChange(tx, ctx.meta, { event: { type: "asset.updated", related: { building: after.buildingId }, payload }, before, after });
    if (after.buildingId !== before.buildingId) await recordTransfers(tx, ctx, [{ before, after }], null);
    return { asset: toAsset(after) };
  });
}

/** @throws BadUserInput if the status or the type is to change, and the asset has a workflow that sets its status */
async function assertNoLifecycle(tx: Tx, before: AssetRow, { status, type }: Pick<AssetChanges, "status" | "type">): Promise<void> {
  const isStatusNew = status !== undefined && status !== before.status;
  const isTypeNew = type !== undefined && type !== before.type;
  if ((!isStatusNew && !isTypeNew) || !(await hasRunningLifecycle(tx, before))) return;
  throw new BadUserInput([
    ...(isStatusNew
      ? [{ path: "input.status", message: "The status follows the workflow of the asset. Fire one of its transitions." }]
      : []),
    ...(isTypeNew
      ? [{ path: "input.type", message: "The type cannot change while the workflow of the asset runs. Cancel it first." }]
      : []),
  ]);
}

/** The space of an asset whose place changes. In another building, the space until now no longer applies. */
async function changedSpace(
  tx: Tx,
  viewer: Viewer,
  before: AssetRow,
  { buildingId, spaceId }: { readonly buildingId: string; readonly spaceId: string | null | undefined },
): Promise<Pick<AssetChanges, "spaceId">> {
  if (typeof spaceId === "string") assertInBuilding(await requireSpace(tx, viewer, spaceId, "input.spaceId"), buildingId);
  if (spaceId !== undefined) return { spaceId };
  return buildingId === before.buildingId ? {} : { spaceId: null };
}

/** The values of an asset whose type changes must fit the schema of the new type. Values of other fields are dropped. */
function changedFieldsOf(
  tx: Tx,
  ctx: Context,
  before: AssetRow,
  { type, given }: { readonly type: string; readonly given: unknown },
): Promise<Partial<FieldColumns>> {
  const owner = { kind: "ASSET", typeKey: type } as const;
  const values = { id: before.id, before: before.fields as JsonObject, given };
  if (type === before.type) return fieldsOfChanged(tx, ctx, owner, values);
  return fieldsOfChangedType(tx, ctx, owner, { ...values, formerOwner: { kind: "ASSET", typeKey: before.type } });
}

/** @throws BadUserInput for each referenced owner, custodian and parent that does not exist */
async function assertReferences(
  tx: Tx,
  viewer: Viewer,
  references: ReturnType<typeof referencesOf>,
  assetId: string | null,
): Promise<void> {
  const { ownerUserId, ownerTeamId, ownerVendorId, custodianId, parentId } = references;
  const given = [
    { path: "input.ownerId", type: "user", id: ownerUserId },
    { path: "input.ownerId", type: "team", id: ownerTeamId },
    { path: "input.ownerId", type: "vendor", id: ownerVendorId },
    { path: "input.custodianId", type: "user", id: custodianId },
  ].flatMap(({ path, type, id }) => (typeof id === "string" ? [{ path, type: type as IdType, id }] : []));
  if (given.length > 0) {
    const idsOf = (wanted: IdType): string[] => given.flatMap(({ type, id }) => (type === wanted ? [id] : []));
    const known = await findPeople(tx, { userIds: idsOf("user"), teamIds: idsOf("team"), vendorIds: idsOf("vendor") });
    const problems: Problem[] = given.flatMap(({ path, type, id }) =>
      known.includes(id) ? [] : [{ path, message: `No ${type} with the ID ${encodeId(type, id)} exists.` }],
    );
    if (problems.length > 0) throw new BadUserInput(problems);
  }
  if (typeof parentId === "string") await assertParent(tx, viewer, { assetId, parentId, path: "input.parentId" });
}

export async function getAsset(tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<AssetRow> {
  const asset = await findAsset(tx, viewer, id, permission);
  if (asset === null) throw new NotFound("Asset", encodeId("asset", id));
  return asset;
}

/** Returns the asset with an ID or a tag. Null if the viewer cannot see one. */
export const findVisibleAsset = (
  tx: Tx,
  viewer: Viewer,
  by: { readonly id: string } | { readonly tag: string },
): Promise<AssetRow | null> => ("id" in by ? findAsset(tx, viewer, by.id) : findAssetByTag(tx, viewer, by.tag));

/**
 * Returns the asset that an input references.
 * @throws BadUserInput at `path` if it does not exist or the viewer cannot see it
 */
export async function requireAsset(tx: Tx, viewer: Viewer, id: string, path: string): Promise<AssetRow> {
  const asset = await findAsset(tx, viewer, id);
  if (asset === null) throw new BadUserInput([{ path, message: `No asset with the ID ${encodeId("asset", id)} exists.` }]);
  return asset;
}

/** Whether the viewer has the permission for the asset. */
export const canAccessAsset = async (tx: Tx, viewer: Viewer, id: string, permission: Permission): Promise<boolean> =>
  (await findAsset(tx, viewer, id, permission)) !== null;
