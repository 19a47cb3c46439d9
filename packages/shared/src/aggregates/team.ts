import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const team = {
  types: { team: { prefix: "tem", typeName: "Team", table: "identity.teams", role: "entity", changes: "RIGHTS" } },
  permissions: {
    "team.read": "View teams and their members.",
    "team.update": "Create teams and change their members.",
  },
  events: {
    "team.created": { visibility: "subject", payload: z.strictObject({ key: z.string() }) },
    "team.deleted": { visibility: "subject", payload: z.strictObject({ key: z.string() }) },
    "team.updated": { related: ["user"], visibility: "subject", payload: changed },
  },
} as const satisfies Aggregate;
