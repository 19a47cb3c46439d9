import { type CustomFieldKind, customFieldObjects } from "../custom-field-kinds/kinds.js";

/** JSON objects whose members `TenantSecrets` encrypts: custom fields, those of earlier versions included. */
export interface SealedJson {
  readonly kind: CustomFieldKind;
  /** Whether these are earlier versions of objects. */
  readonly isPast: boolean;
  /** SQL after `from`. The table of the objects is `o`. */
  readonly from: string;
  /** SQL expression for the JSON object. */
  readonly fields: string;
  /** SQL expression for the type of the object, if each type has its own fields. */
  readonly type: string | null;
  /** SQL expression that distinguishes the versions of an object. */
  readonly until: string;
  /** SQL of the change, with the new values in `n`, whose columns are `id`, `until`, `before` and `fields`. */
  readonly update: string;
}

function sealedIn(kind: CustomFieldKind, table: string, history: "with versions" | "without versions"): SealedJson[] {
  const typeColumn = customFieldObjects[kind].typeColumn?.name ?? null;
  const present: SealedJson = {
    kind,
    isPast: false,
    from: `${table} o`,
    fields: "o.fields",
    type: typeColumn && `o.${typeColumn}`,
    until: "'-infinity'::timestamptz",
    update: `update ${table} o set fields = n.fields from n where o.tenant_id = app.tenant() and o.id = n.id and o.fields = n.before`,
  };
  const past: SealedJson = {
    kind,
    isPast: true,
    from: `${table} o join app.object_versions v on v.tenant_id = o.tenant_id and v.object_id = o.id`,
    fields: "v.image->'fields'",
    type: typeColumn && `v.image->>'${typeColumn}'`,
    until: "v.until",
    update: `update app.object_versions v set image = jsonb_set(v.image, '{fields}', n.fields) from n
      where v.tenant_id = app.tenant() and v.object_id = n.id and v.until = n.until and v.image->'fields' = n.before`,
  };
  return history === "with versions" ? [present, past] : [present];
}

/**
 * All JSON objects with encrypted members. Re-encryption visits these after `sealedColumns`, so a missing one would keep an old key in use. Versions come
 * after the objects, because a changed object leaves a version.
 */
export const sealedJson: readonly SealedJson[] = [
  ...sealedIn("BUILDING", "requests.buildings", "with versions"),
  ...sealedIn("ASSET", "requests.assets", "with versions"),
  ...sealedIn("VENDOR", "vendors.vendors", "without versions"),
  ...sealedIn("PROJECT", "vendors.projects", "without versions"),
];
