import { writeAudit } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { writeBuiltInRoles } from "../roles/provision-roles.service.js";
import { platformRoles } from "../roles/platform-roles.js";
import { builtInRoles } from "../roles/built-in-roles.js";
import { writeNewTeam } from "../teams/team.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { writeNewUser } from "../users/creation/new-user.js";
import type { NewUser } from "../users/creation/new-user.js";

export interface NewTenant {
  /** The row as inserted. */
  readonly row: TenantRow;
  readonly admin: Omit<NewUser, "id" | "roleIds" | "teamIds"> & { readonly id: string };
  /** The first team, with the administrator as its member. Omitted if there is none. */
  readonly team?: { readonly key: string; readonly name: string; readonly description: string };
}

/**
 * Adds to a new tenant, in the transaction that inserted its row, the built-in roles of its kind and the first administrator.
 * @returns the IDs (UUIDs) of the roles by key
 */
export async function fillNewTenant(tx: Tx, meta: WriteMeta, { row, admin, team }: NewTenant): Promise<Record<string, string>> {
  const isPlatform = row.kind === "PLATFORM";
  const roleIds = await writeBuiltInRoles(tx, meta, isPlatform ? platformRoles : builtInRoles);
  const adminRole = roleIds[isPlatform ? "platform_admin" : "admin"];
  if (adminRole === undefined) throw new Error("The built-in roles have no administrator.");
  const teamIds = team === undefined ? [] : [(await writeNewTeam(tx, meta, team)).id];
  await writeNewUser(tx, meta, { ...admin, roleIds: [adminRole], teamIds });
  await writeAudit(tx, meta, [{ action: "tenant.create", entityType: "tenant", entityId: row.tenantId, before: null, after: row }]);
  await appendEvents(tx, meta, [{ type: "tenant.created", subjectId: row.tenantId, subjectVersion: row.version, payload: {} }]);
  return roleIds;
}
