export type { CallContext } from "./call-context.js";
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
export { rightsColumns, rightsOf, type RightsRow } from "./rights-of-user.js";
export { hasFactor, requiresFactor, usesFactor } from "./second-factor.js";
export { denialsOf, hasPermission, reachesAll, type Scope, scopes, scopesOf, type UserType, type Viewer } from "./viewer.js";
export { type AccessColumns, type AccessValues, inScope, isInstanceVisible, nothing, visibleInstances, withinScopes } from "./visible.js";
