import type { Actor } from "../model/actor.js";

/** Nil UUID: not a user of any tenant. The author of what happens because of the time. */
export const SYSTEM_ID = "00000000-0000-0000-0000-000000000000";

/** The actor of timers: not a person, without roles and permissions. Only conditions, not rules about people, apply to it. */
export const systemActor: Actor = {
  id: SYSTEM_ID,
  roles: [],
  permissions: [],
  principals: { userIds: [], teamIds: [], vendorId: null },
  isSystem: true,
};
