import { dataForm, findPublishedMachines, pointerPart, type DeliveredForm, type JsonObject, type Machine } from "@weft/engine";
import { idPrefixes, type IdType } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { makeForm } from "@weft/api/forms";
import { canUse } from "./request-type.access.js";
import type { RequestType } from "./request-type.type.js";

/**
 * Returns the form that `createRequest` requires from this viewer. Null if the viewer cannot use the type or no version of the definition is published.
 */
export async function requestForm(ctx: Context, type: RequestType): Promise<DeliveredForm | null> {
  if (!hasPermission(ctx.viewer, "request.create") || type.status !== "ACTIVE" || !canUse(ctx.viewer, type)) return null;
  const loader = ctx.loader<string, Machine>("publishedMachine", (tx, keys) =>
    findPublishedMachines(tx, ctx.viewer.tenantId, keys, ctx.computing),
  );
  const machine = await loader.load(type.definitionKey);
  return machine && makeForm(ctx, () => formOf(type, machine, ctx.viewer));
}

/** Returns the form for the complete input of the mutation, so that the submitted data can be sent unchanged. */
function formOf({ key, name, description, fields }: RequestType, machine: Machine, viewer: Viewer): DeliveredForm {
  const data = dataForm(machine, fields);
  const shown = places.filter(({ permission }) => hasPermission(viewer, permission));
  const controls = [
    ...data.controls.map(({ name: property, ...control }) => ({
      ...control,
      scope: `#/properties/data/properties/${pointerPart(property)}`,
    })),
    ...shown.map(({ field, title, type }) => ({ label: title, options: { fieldType: type }, scope: `#/properties/${field}` })),
  ];
  return {
    name: key,
    title: name,
    description: description === "" ? null : description,
    schema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      title: name,
      ...(description !== "" && { description }),
      properties: {
        typeKey: { type: "string", title: "Request type", const: key, default: key, readOnly: true },
        data: data.schema,
        ...Object.fromEntries(shown.map(({ field, type, title, help }) => [field, { ...idSchema(type), title, description: help }])),
      },
      required: ["typeKey", ...("required" in data.schema ? ["data"] : [])],
      additionalProperties: false,
    },
    uiSchema: { type: "VerticalLayout", elements: controls.map((control) => ({ type: "Control", ...control })) },
    data: { typeKey: key, data: data.data },
  };
}

interface Place {
  readonly field: "buildingId" | "assetId";
  readonly type: "building" | "asset";
  readonly title: string;
  readonly help: string;
  readonly permission: Permission;
}

const places: readonly Place[] = [
  {
    field: "buildingId",
    type: "building",
    title: "Building",
    help: "Building that the request is about.",
    permission: "building.read",
  },
  {
    field: "assetId",
    type: "asset",
    title: "Asset",
    help: "Asset that the request is about. It must be in the building.",
    permission: "asset.read",
  },
];

/** Schema of an ID: the prefix and 26 characters of Crockford's alphabet, at most 128 bits. */
const idSchema = (type: IdType): JsonObject => ({ type: "string", pattern: `^${idPrefixes[type]}_[0-7][0-9a-hjkmnp-tv-z]{25}$` });
