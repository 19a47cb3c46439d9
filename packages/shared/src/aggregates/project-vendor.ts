import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

/** Events of a vendor's part in a project. Without the project: users of its other vendors see events of their projects. */
const ofProjectVendor = {
  related: ["vendor"],
  visibility: "internal",
  payload: z.strictObject({ projectId: z.uuid(), role: z.string() }),
} as const;

export const projectVendor = {
  types: { projectVendor: { prefix: "pvn", table: "vendors.project_vendors", role: "subject" } },
  events: {
    "projectVendor.assigned": ofProjectVendor,
    /** The vendor no longer takes part, or has another role. */
    "projectVendor.unassigned": ofProjectVendor,
  },
} as const satisfies Aggregate;
