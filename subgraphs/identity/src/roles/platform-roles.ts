import { type Permission, permissionCatalog } from "@weft/shared/viewer";
import type { Grant } from "../rights/grant.js";
import type { BuiltInRole } from "./built-in-roles.js";

const all = Object.keys(permissionCatalog) as Permission[];
const inTenant = (permissions: readonly Permission[]): Grant[] => permissions.map((permission) => ({ permission, scope: "TENANT" }));
const of = (...resources: string[]): Permission[] => all.filter((permission) => resources.includes(permission.split(".")[0] ?? ""));

const ownNotifications: Grant = { permission: "notification.read", scope: "OWN" };
/** Read access to colleagues, as far as the work requires it. */
const colleagues: Permission[] = ["tenant.read", "user.read", "team.read"];

/** Roles of the platform tenant, whose users run this installation. It contains no business data. */
export const platformRoles = {
  platform_admin: {
    name: "Platform administrator",
    description: "Does everything that operators do, and manages operators.",
    grants: [
      ...inTenant([...of("platform", "tenant", "user", "role", "team", "configuration", "audit", "application", "privacy")]),
      ownNotifications,
    ],
  },
  platform_operator: {
    name: "Platform operator",
    description: "Manages tenants, and acts inside one for a limited time.",
    grants: [...inTenant([...of("platform"), ...colleagues]), ownNotifications],
  },
  platform_viewer: {
    name: "Platform viewer",
    description: "Views all tenants.",
    grants: [...inTenant(["platform.read", ...colleagues]), ownNotifications],
  },
} as const satisfies Record<string, BuiltInRole>;
