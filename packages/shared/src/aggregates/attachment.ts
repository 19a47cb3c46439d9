import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

/** Events of attachments. The policy of the log hides those of the audience INTERNAL from users of a vendor. */
const ofAttachment = {
  // Besides the file, the object that it is attached to.
  related: ["file", "request", "building", "asset", "maintenancePlan", "instance", "task", "contract", "vendorDocument"],
  visibility: "subject",
  payload: z.strictObject({ fileId: z.uuid(), audience: z.enum(["INTERNAL", "PUBLIC"]) }),
} as const;

export const attachment = {
  types: { attachment: { prefix: "att", typeName: "Attachment", table: "app.attachments", role: "subject" } },
  events: {
    /** A file was attached to an object. */
    "attachment.created": ofAttachment,
    "attachment.deleted": ofAttachment,
  },
} as const satisfies Aggregate;
