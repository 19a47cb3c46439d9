export { Allow } from "./allow.js";
export type { RulesMode } from "./apply-rules.js";
export { GatewayOnly, gatewayOnlyTag } from "./gateway-only.js";
export { RequiresRecentLogin } from "./recent-login.js";
export type { Rule } from "./rule.js";
export {
  allOf,
  anyOf,
  anyone,
  authenticated,
  can,
  canInTenant,
  inherit,
  inPerson,
  leadsATeam,
  loggedIn,
  ownLogin,
  self,
  staff,
} from "./rules.js";
export { VendorPortal, vendorPortalTag } from "./vendor-portal.js";
export { isDecidedForTenant, permissionOfTag, ViewerDependent, ViewerIndependent } from "./viewer-independent.js";
/** @public Inferred types of other packages name them. */
export type { CheckedRule, ViewerRule } from "./rule.js";
