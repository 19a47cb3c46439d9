export { assertCurrentRights, lockRights, narrowlyHeld, raiseRightsVersion, RightsChanged } from "./current-rights.js";
export { keysOfSessions } from "./keys-of-sessions.js";
export { viewerOfUser, viewersOfUsers } from "./viewer-of-user.js";
