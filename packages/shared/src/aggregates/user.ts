import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const user = {
  types: { user: { prefix: "usr", typeName: "User", table: "identity.users", role: "entity", changes: "RIGHTS" } },
  permissions: {
    "user.read": "View users.",
    "user.create": "Create users.",
    "user.update": "Change users, their roles, and their status.",
    "user.provision":
      "Provision users and teams with SCIM: read all of them; create, change, and deactivate users who have no more rights than the account in use.",
  },
  events: {
    "user.created": { related: ["vendor"], visibility: "subject", payload: z.strictObject({ type: z.string() }) },
    "user.updated": { visibility: "subject", payload: changed },
    /** The rights of a user have changed, so cached viewers of that user are dropped. */
    "rights.changed": { visibility: "internal", payload: z.strictObject({ userId: z.uuid() }) },
  },
} as const satisfies Aggregate;
