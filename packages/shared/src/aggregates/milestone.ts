import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

/** Without the project: users of a vendor see events of their projects. */
const ofMilestone = { related: ["instance"], visibility: "subject" } as const;

export const milestone = {
  types: { milestone: { prefix: "mst", typeName: "Milestone", table: "vendors.milestones", role: "entity" } },
  events: {
    "milestone.created": ofMilestone,
    "milestone.updated": { ...ofMilestone, payload: changed },
    "milestone.deleted": ofMilestone,
    "milestone.restored": ofMilestone,
    /** Its review has started. */
    "milestone.submitted": ofMilestone,
    /** Its review has ended with an approval. Events from before they had a payload omit all of it. */
    "milestone.reached": {
      ...ofMilestone,
      payload: z.strictObject({
        name: z.string().optional(),
        ownerId: z.uuid().optional(),
        dueOn: z.iso.date().optional(),
        projectId: z.uuid().optional(),
      }),
    },
    /** Its review has ended without an approval. The milestone is planned again. */
    "milestone.refused": ofMilestone,
    /** It is due in at most `days` days. Once for each threshold and due day. */
    "milestone.upcoming": {
      ...ofMilestone,
      payload: z.strictObject({ name: z.string(), ownerId: z.uuid(), dueOn: z.iso.date(), days: z.int() }),
    },
    /** Its due day is over. Once for each due day. */
    "milestone.overdue": { ...ofMilestone, payload: z.strictObject({ name: z.string(), ownerId: z.uuid(), dueOn: z.iso.date() }) },
  },
} as const satisfies Aggregate;
