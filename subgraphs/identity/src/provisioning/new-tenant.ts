import { appendEvents, writeAudit } from "@weft/shared";
import type { Tx, WriteMeta } from "@weft/shared";
import { writeShippedRoles } from "../roles/provision-roles.service.js";
import { platformRoles } from "../roles/platform-roles.js";
import { shippedRoles } from "../roles/shipped-roles.js";
import { writeNewTeam } from "../teams/team.service.js";
import type { TenantRow } from "../tenants/tenant.service.js";
import { writeNewUser } from "../users/new-user.js";
import type { NewUser } from "../users/new-user.js";

export interface NewTenant {
  /** As it was just inserted. */
  readonly row: TenantRow;
  readonly admin: Omit<NewUser, "id" | "roleIds" | "teamIds"> & { readonly id: string };
  /** The first team, with the administrator in it; none when left out. */
  readonly team?: { readonly key: string; readonly name: string; readonly description: string };
}

/**
 * What every new tenant begins with, in the transaction that has inserted its row: the shipped roles of its kind and the first administrator.
 * @returns the ids (UUIDs) of the roles by key
 */
export async function fillNewTenant(tx: Tx, meta: WriteMeta, { row, admin, team }: NewTenant): Promise<Record<string, string>> {
  const isPlatform = row.kind === "PLATFORM";
  const roleIds = await writeShippedRoles(tx, meta, isPlatform ? platformRoles : shippedRoles);
  const adminRole = roleIds[isPlatform ? "platform_admin" : "admin"];
  if (adminRole === undefined) throw new Error("The shipped roles have no administrator.");
  const teamIds = team === undefined ? [] : [(await writeNewTeam(tx, meta, team)).id];
  await writeNewUser(tx, meta, { ...admin, roleIds: [adminRole], teamIds });
  await writeAudit(tx, meta, [{ action: "tenant.create", entityType: "tenant", entityId: row.tenantId, before: null, after: row }]);
  await appendEvents(tx, meta, [{ type: "tenant.created", subjectId: row.tenantId, subjectVersion: row.version, payload: {} }]);
  return roleIds;
}
