import { requests, vendors } from "@weft/drizzle";
import { getTableConfig } from "drizzle-orm/pg-core";
import type { AccessibleType } from "../access/visible-objects.js";

/** Kinds of objects to which a tenant can add fields. */
export const CustomFieldKind = { BUILDING: "BUILDING", VENDOR: "VENDOR", PROJECT: "PROJECT", ASSET: "ASSET" } as const;
export type CustomFieldKind = keyof typeof CustomFieldKind;

/** Table and object type of each kind, and the column with the type of an object if each type has its own fields. */
export const customFieldObjects = {
  BUILDING: { type: "building", table: requests.buildings, typeColumn: null },
  VENDOR: { type: "vendor", table: vendors.vendors, typeColumn: null },
  PROJECT: { type: "project", table: vendors.projects, typeColumn: null },
  ASSET: { type: "asset", table: requests.assets, typeColumn: requests.assets.type },
} as const satisfies Record<CustomFieldKind, { readonly type: AccessibleType; readonly table: object; readonly typeColumn: object | null }>;

/** Kinds whose types have their own fields. */
export type TypedKind = "ASSET";

/** The objects that share a schema: all of a kind, or those of one type. */
export type CustomFieldOwner = Exclude<CustomFieldKind, TypedKind> | { readonly kind: TypedKind; readonly typeKey: string };

/** Columns of a schema that say whose fields it declares. The key is empty for kinds whose objects all have the same fields. */
export interface CustomFieldOwnerColumns {
  readonly kind: CustomFieldKind;
  readonly typeKey: string;
}

export const ownerColumns = (owner: CustomFieldOwner): CustomFieldOwnerColumns =>
  typeof owner === "string" ? { kind: owner, typeKey: "" } : owner;

/** Names an owner in messages: `BUILDING`, or `ASSET of the type "elevator"`. */
export const ownerName = ({ kind, typeKey }: CustomFieldOwnerColumns): string =>
  typeKey === "" ? kind : `${kind} of the type ${JSON.stringify(typeKey)}`;

/** Returns what blind indexes of a custom field are bound to, for example `requests.buildings.fields.taxId`. */
export function fieldPlace(kind: CustomFieldKind, name: string): string {
  const { schema = "", name: table } = getTableConfig(customFieldObjects[kind].table);
  return `${schema}.${table}.fields.${name}`;
}

/** Returns what the ciphertext of an object's custom field is bound to, besides the tenant. */
export const fieldPosition = (kind: CustomFieldKind, name: string, objectId: string): string => `${fieldPlace(kind, name)}/${objectId}`;
