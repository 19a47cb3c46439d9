export type { CallClient, CallContext } from "./call-context.js";
export type { RateQuota } from "./rate-quota.js";
export { isOperatorMutation, operatorMutations } from "./operator-mutations.js";
export { operatorPermissions } from "./operator-rights.js";
export {
  type CatalogPermission,
  customerPermissions,
  isCustomPermission,
  isPermission,
  masterDataPermissions,
  type Permission,
  permissionCatalog,
} from "./permissions.js";
export {
  denialsOf,
  hasPermission,
  reachesAll,
  type Scope,
  scopes,
  type ScopesByPermission,
  scopesOf,
  type UserType,
  type Viewer,
} from "./viewer.js";
export { permissionsHeld } from "./permissions-held.js";
