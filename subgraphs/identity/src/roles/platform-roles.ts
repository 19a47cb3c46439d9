import { permissionCatalogue } from "@weft/shared";
import type { Permission } from "@weft/shared";
import type { Grant } from "../rights/grant.js";
import type { ShippedRole } from "./shipped-roles.js";

const all = Object.keys(permissionCatalogue) as Permission[];
const inTenant = (permissions: readonly Permission[]): Grant[] => permissions.map((permission) => ({ permission, scope: "TENANT" }));
const of = (...resources: string[]): Permission[] => all.filter((permission) => resources.includes(permission.split(".")[0] ?? ""));

const ownNotifications: Grant = { permission: "notification.read", scope: "OWN" };
/** Colleagues, as far as work needs them. */
const colleagues: Permission[] = ["tenant.read", "user.read", "team.read"];

/** The roles of the platform tenant: of those who run this installation. There is no business in it. */
export const platformRoles = {
  platform_admin: {
    name: "Platform administrator",
    description: "Does what operators do, and decides who they are.",
    grants: [...inTenant([...of("platform", "tenant", "user", "role", "team", "configuration", "audit")]), ownNotifications],
  },
  platform_operator: {
    name: "Platform operator",
    description: "Looks after tenants, and acts inside one for a limited time.",
    grants: [...inTenant([...of("platform"), ...colleagues]), ownNotifications],
  },
  platform_viewer: {
    name: "Platform viewer",
    description: "Sees which tenants there are.",
    grants: [...inTenant(["platform.read", ...colleagues]), ownNotifications],
  },
} as const satisfies Record<string, ShippedRole>;
