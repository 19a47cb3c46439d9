import { newId, writeAudit } from "@weft/shared";
import type { Tx, WriteMeta } from "@weft/shared";
import { insertGrants, insertRoles } from "./role.store.js";
import type { ShippedRole } from "./shipped-roles.js";

/** Writes the shipped roles of a new tenant; answers their ids (UUIDs) by key. */
export async function writeShippedRoles(
  tx: Tx,
  meta: WriteMeta,
  roles: Readonly<Record<string, ShippedRole>>,
): Promise<Record<string, string>> {
  const { tenantId } = meta;
  const shipped = Object.entries(roles).map(([key, role]) => ({ key, id: newId(), ...role }));
  const rows = await insertRoles(
    tx,
    shipped.map(({ id, key, name, description }) => ({ tenantId, id, key, name, description, isShipped: true })),
  );
  const grantsById = new Map(shipped.map(({ id, grants }) => [id, grants]));
  await insertGrants(
    tx,
    shipped.flatMap(({ id: roleId, grants }) => grants.map((grant) => ({ tenantId, roleId, ...grant }))),
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
  return Object.fromEntries(shipped.map(({ key, id }) => [key, id]));
}
