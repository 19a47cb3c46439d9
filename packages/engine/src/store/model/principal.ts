/** To whom an instance is assigned: three columns in the row, of which at most one is set; one value for the core and the API. */
import { identity } from "@weft/drizzle";
import { BadUserInput } from "@weft/shared/errors";
import { named, type Tx } from "@weft/platform/db";
import { and, eq, isNull, ne } from "drizzle-orm";
import type { Principal } from "../../core/model/actor.js";
import { assertVendorTakesWork } from "./assignable-vendor.js";
import type { InstanceHead } from "./instance-head.js";
import type { VendorWorkKind } from "./vendor-capacity.js";

/** A principal in the notation of the API and the events. */
export type AssigneePrincipal = { readonly type: "USER" | "TEAM" | "VENDOR"; readonly id: string };

type AssigneeColumns = Pick<InstanceHead, "assigneeUserId" | "assigneeTeamId" | "assigneeVendorId">;

export function principalOf(row: AssigneeColumns): Principal | null {
  if (row.assigneeUserId) return { type: "user", id: row.assigneeUserId };
  if (row.assigneeTeamId) return { type: "team", id: row.assigneeTeamId };
  return row.assigneeVendorId ? { type: "vendor", id: row.assigneeVendorId } : null;
}

export function assigneeColumns(principal: Principal | null): AssigneeColumns {
  return {
    assigneeUserId: principal?.type === "user" ? principal.id : null,
    assigneeTeamId: principal?.type === "team" ? principal.id : null,
    assigneeVendorId: principal?.type === "vendor" ? principal.id : null,
  };
}

const apiTypes = { user: "USER", team: "TEAM", vendor: "VENDOR" } as const;
const coreTypes = { USER: "user", TEAM: "team", VENDOR: "vendor" } as const;

export function apiPrincipal(principal: Principal | null): AssigneePrincipal | null {
  return principal && { type: apiTypes[principal.type], id: principal.id };
}

export function corePrincipal(principal: AssigneePrincipal | null): Principal | null {
  return principal && { type: coreTypes[principal.type], id: principal.id };
}

/**
 * BAD_USER_INPUT at `path` unless the principal exists in the tenant and can take work.
 * @param work what a vendor would get. Null: it has it already
 */
export async function assertPrincipal(
  tx: Tx,
  principal: AssigneePrincipal,
  path: string,
  work: VendorWorkKind | null = null,
): Promise<void> {
  const { type, id } = principal;
  if (type === "VENDOR") return assertVendorTakesWork(tx, id, path, work);
  const found = await named("principalExists", principalQuery(tx, type, id));
  if (found.length > 0) return;
  const kind = { USER: "user of your own organization", TEAM: "team" }[type];
  throw new BadUserInput([{ path, message: `No active ${kind} with this ID exists.` }]);
}

function principalQuery(tx: Tx, type: "USER" | "TEAM", id: string) {
  const { users, teams } = identity;
  switch (type) {
    case "USER":
      return (
        tx
          .select({ id: users.id })
          .from(users)
          // Vendor users get work through their vendor: assigned as a user, they would get work that they cannot see. Platform operators have only
          // temporary access.
          .where(and(eq(users.id, id), eq(users.status, "ACTIVE"), isNull(users.vendorId), ne(users.type, "OPERATOR")))
          .$dynamic()
      );
    case "TEAM":
      return (
        tx
          .select({ id: teams.id })
          .from(teams)
          .where(and(eq(teams.id, id), isNull(teams.deletedAt)))
          // A concurrent deletion of the team either comes first or sees this work.
          .for("key share")
          .$dynamic()
      );
    default:
      throw new Error(`unknown principal ${String(type satisfies never)}`);
  }
}
