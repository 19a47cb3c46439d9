import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const requestType = {
  types: {
    requestType: { prefix: "rqt", typeName: "RequestType", table: "requests.request_types", role: "entity", changes: "CONFIGURATION" },
  },
  tenantWide: { requestType: { vendorsSee: "all" } },
  permissions: {
    "requestType.read": "View request types.",
    "requestType.create": "Create request types.",
    "requestType.update": "Change, deactivate, and activate request types.",
  },
  isChangedByOperators: true,
  events: {
    "requestType.created": { visibility: "subject", payload: z.strictObject({ key: z.string() }) },
    "requestType.updated": { visibility: "subject", payload: changed },
  },
} as const satisfies Aggregate;
