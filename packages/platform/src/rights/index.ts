export { assertCurrentRights, lockRights, narrowlyHeld, raiseRightsVersion, RightsChanged } from "./current-rights.js";
export { keysOfSessions } from "./keys-of-sessions.js";
export { viewerOfUser, viewersOfUsers } from "./viewer-of-user.js";
export { apiKeyColumn, type ApiKeyRow, limitedToKey } from "./api-key-rights.js";
export { rightsColumns, rightsOf, type RightsRow } from "./rights-of-user.js";
export { hasFactor, requiresFactor, usesFactor } from "./second-factor.js";
export { type AccessColumns, type AccessValues, isInstanceVisible, visibleInstances, withinScopes } from "./visible.js";
