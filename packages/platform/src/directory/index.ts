export { buildingGrantsOf } from "./building-grants.js";
export {
  holdersOf,
  holdsPermission,
  leadsOfTeam,
  membersOfProject,
  membersOfRole,
  membersOfTeam,
  readsRequest,
  staffWhoReadRequest,
  substitutesOf,
  usersOfVendor,
  usersWhoCanSee,
  watchersOf,
  workersAmong,
} from "./directory.js";
export { findOwnTenant, findTenantBySlug, type KnownTenant } from "./tenants.js";
export { containsCode, type NamedWork, namesOfWork, subjectOfAncestors, titledWork, typeOfWork, workText } from "./work.js";
