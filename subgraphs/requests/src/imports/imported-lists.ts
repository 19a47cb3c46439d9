import { dataForm, findFieldSchemaRow, findPublishedMachine, type JsonObject } from "@weft/engine";
import { decodeId, encodeId } from "@weft/shared/ids";
import { type CustomFieldOwner, ownerColumns } from "@weft/platform/custom-field-kinds";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findByExternalId } from "@weft/api/external-ids";
import type { ImportedList, ImportReference, ImportValues } from "@weft/api/imports";
import { can, canInTenant } from "@weft/api/rules";
import { createAsset, findVisibleAsset, updateAsset } from "../assets/asset.service.js";
import type { CreateAssetInput, UpdateAssetInput } from "../assets/asset.type.js";
import type { CreateBuildingInput, UpdateBuildingInput } from "../buildings/building.type.js";
import { createBuilding, findVisibleBuilding, updateBuilding } from "../buildings/building.service.js";
import { getRequestTypeByKey } from "../request-types/request-type.service.js";
import { createRequest } from "../requests/create-request.service.js";
import { getRequest } from "../requests/request.service.js";
import type { CreateRequestInput, UpdateRequestInput } from "../requests/request.type.js";
import { updateRequest } from "../requests/update-request.service.js";
import type { SavedViewList } from "../saved-views/saved-view.type.js";

const buildingBy = (by: "code" | "externalId"): ImportReference => ({
  field: "buildingId",
  type: "building",
  find: async (tx, viewer, value) => {
    const key = by === "code" ? { code: value } : await idOf(tx, "BUILDINGS", value);
    return (key && (await findVisibleBuilding(tx, viewer, key)))?.id ?? null;
  },
});

const assetBy = (field: string, by: "tag" | "externalId"): ImportReference => ({
  field,
  type: "asset",
  find: async (tx, viewer, value) => {
    const key = by === "tag" ? { tag: value } : await idOf(tx, "ASSETS", value);
    return (key && (await findVisibleAsset(tx, viewer, key)))?.id ?? null;
  },
});

async function idOf(tx: Tx, list: SavedViewList, externalId: string): Promise<{ readonly id: string } | null> {
  const id = await findByExternalId(tx, list, externalId);
  return id === null ? null : { id };
}

async function customFields(tx: Tx, owner: CustomFieldOwner): Promise<JsonObject> {
  const row = await findFieldSchemaRow(tx, ownerColumns(owner));
  return propertiesOf(row?.schema);
}

const propertiesOf = (schema: unknown): JsonObject => (schema as { properties?: JsonObject } | undefined)?.properties ?? {};

async function dataOfRequests(tx: Tx, ctx: Context, { typeKey }: ImportValues, id: string | null): Promise<JsonObject> {
  const key = id === null ? typeKey : (await getRequest(tx, ctx, encodeId("request", id), "request.read")).typeKey;
  if (typeof key !== "string") return {};
  const type = await getRequestTypeByKey(tx, ctx.viewer, key, "input.typeKey");
  const machine = await findPublishedMachine(tx, ctx.viewer.tenantId, type.definitionKey);
  return machine ? propertiesOf(dataForm(machine, type.fields).schema) : {};
}

/** The lists of this subgraph that can be imported. */
export const importedLists: Readonly<Record<SavedViewList, ImportedList>> = {
  REQUESTS: {
    type: "request",
    rule: can("request.create"),
    createInput: "CreateRequestInput",
    updateInput: "UpdateRequestInput",
    fixed: ["typeKey"],
    unique: [],
    references: {
      "building.code": buildingBy("code"),
      "building.externalId": buildingBy("externalId"),
      "asset.tag": assetBy("assetId", "tag"),
      "asset.externalId": assetBy("assetId", "externalId"),
    },
    properties: dataOfRequests,
    create: async (ctx, input) => decodeId("request", (await createRequest(ctx, input as unknown as CreateRequestInput)).request.id),
    update: (ctx, input) => updateRequest(ctx, input as unknown as UpdateRequestInput),
  },
  BUILDINGS: {
    type: "building",
    rule: canInTenant("building.create"),
    createInput: "CreateBuildingInput",
    updateInput: "UpdateBuildingInput",
    fixed: [],
    unique: ["code"],
    references: {},
    properties: (tx) => customFields(tx, "BUILDING"),
    create: async (ctx, input) => (await createBuilding(ctx, input as unknown as CreateBuildingInput)).building.uuid,
    update: (ctx, input) => updateBuilding(ctx, input as unknown as UpdateBuildingInput),
  },
  ASSETS: {
    type: "asset",
    rule: canInTenant("asset.create"),
    createInput: "CreateAssetInput",
    updateInput: "UpdateAssetInput",
    fixed: [],
    unique: ["tag"],
    references: {
      "building.code": buildingBy("code"),
      "building.externalId": buildingBy("externalId"),
      "parent.tag": assetBy("parentId", "tag"),
      "parent.externalId": assetBy("parentId", "externalId"),
    },
    properties: async (tx, { viewer }, { type }, id) => {
      const typeKey = type ?? (id === null ? null : (await findVisibleAsset(tx, viewer, { id }))?.type);
      return typeof typeKey === "string" ? customFields(tx, { kind: "ASSET", typeKey }) : {};
    },
    create: async (ctx, input) => decodeId("asset", (await createAsset(ctx, input as unknown as CreateAssetInput)).asset.id),
    update: (ctx, input) => updateAsset(ctx, input as unknown as UpdateAssetInput),
  },
};
