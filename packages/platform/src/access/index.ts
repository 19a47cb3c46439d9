export { keepAssetUse, lockAssetUse } from "./asset-use.js";
export { objectsSeenBy, seenBy, seenKey, type SeenObject } from "./seen-by.js";
export { reachesTeam } from "./team-reach.js";
export {
  type AccessibleType,
  accessibleTypes,
  isOfVendor,
  objectAccessRules,
  type ObjectAccessRules,
  readPermissionOf,
  requestAccess,
  resourceOf,
  tenantWideTypes,
  visibleInstanceList,
  visibleObjects,
  visibleObjectsByIndex,
} from "./visible-objects.js";
export {
  isCandidate,
  isFirstOfVote,
  isOnlyAsked,
  isOwnVote,
  type Offer,
  offersTo,
  offersToTeams,
  visibleOffers,
  visibleTasks,
} from "./visible-tasks.js";
export { visibleUsers } from "./visible-users.js";
export { worksOn } from "./works-on.js";
