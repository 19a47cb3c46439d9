import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

export const absence = {
  types: { absence: { prefix: "abs", typeName: "Absence", table: "workflows.absences", role: "entity", changes: "RIGHTS" } },
  events: {
    /** An absence with its period and substitute was created, changed or ended. */
    "absence.changed": {
      related: ["user"],
      visibility: "user",
      payload: z.strictObject({
        userId: z.uuid(),
        substituteId: z.uuid(),
        /** The substitute before this change, if it was another user. Omitted in events from before this field existed. */
        formerSubstituteId: z.uuid().nullable().optional(),
        startsAt: z.string(),
        endsAt: z.string(),
      }),
    },
  },
} as const satisfies Aggregate;
