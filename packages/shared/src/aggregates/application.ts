import { z } from "zod";
import type { Aggregate } from "./aggregate.js";

const about = z.strictObject({ key: z.string() });
const ofManifest = z.strictObject({ environment: z.enum(["DEV", "STAGING", "PROD"]), number: z.number() });

export const application = {
  types: {
    application: { prefix: "app", typeName: "Application", table: "identity.applications", role: "subject", changes: "CONFIGURATION" },
    operationManifest: {
      prefix: "opm",
      typeName: "OperationManifest",
      table: "identity.operation_manifests",
      role: "subject",
      changes: "CONFIGURATION",
    },
  },
  permissions: {
    "application.read": "View applications, their stored operations, and operations that are not stored.",
    "application.manage": "Create, change, and delete applications; retire stored operations.",
    "application.push": "Upload stored operations.",
    "application.explore": "Run operations that are not stored, such as in the explorer, although the organization requires stored ones.",
  },
  events: {
    "application.created": { visibility: "internal", payload: about },
    "application.updated": { visibility: "internal", payload: z.strictObject({ key: z.string(), changed: z.array(z.string()) }) },
    "application.deleted": { visibility: "internal", payload: about },
    "operationManifest.created": { subject: "operationManifest", related: ["application"], visibility: "internal", payload: ofManifest },
    /** Its operations can no longer be used by their IDs. */
    "operationManifest.retired": { subject: "operationManifest", related: ["application"], visibility: "internal", payload: ofManifest },
  },
} as const satisfies Aggregate;
