import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const role = {
  types: { role: { prefix: "rol", typeName: "Role", table: "identity.roles", role: "entity", changes: "RIGHTS" } },
  permissions: {
    "role.read": "View roles and their permissions.",
    "role.update": "Create roles and change their permissions.",
  },
  events: {
    "role.created": { visibility: "subject", payload: z.strictObject({ key: z.string() }) },
    "role.changed": { visibility: "subject", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) },
    "role.deleted": { visibility: "subject", payload: z.strictObject({ key: z.string() }) },
  },
} as const satisfies Aggregate;
