import { newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { insertGrants, insertRoles } from "./role.store.js";
import type { BuiltInRole } from "./built-in-roles.js";

/** Inserts the built-in roles of a new tenant. Returns their IDs (UUIDs) by key. */
export async function writeBuiltInRoles(
  tx: Tx,
  meta: WriteMeta,
  roles: Readonly<Record<string, BuiltInRole>>,
): Promise<Record<string, string>> {
  const { tenantId } = meta;
  const builtIn = Object.entries(roles).map(([key, role]) => ({ key, id: newId(), ...role }));
  const rows = await insertRoles(
    tx,
    builtIn.map(({ id, key, name, description }) => ({ tenantId, id, key, name, description, isBuiltIn: true })),
  );
  const grantsById = new Map(builtIn.map(({ id, grants }) => [id, grants]));
  await insertGrants(
    tx,
    builtIn.flatMap(({ id: roleId, grants }) => grants.map((grant) => ({ tenantId, roleId, ...grant }))),
  );
  await writeAudit(
    tx,
    meta,
    rows.map((row) => ({
      action: "role.create",
      entityType: "role",
      entityId: row.id,
      before: null,
      after: { ...row, permissions: grantsById.get(row.id) },
    })),
  );
  return Object.fromEntries(builtIn.map(({ key, id }) => [key, id]));
}
