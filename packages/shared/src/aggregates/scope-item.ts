import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const scopeItem = {
  types: { scopeItem: { prefix: "sci", typeName: "ScopeItem", table: "vendors.scope_items", role: "subject" } },
  events: {
    "scopeItem.created": { visibility: "subject" },
    "scopeItem.updated": { visibility: "subject", payload: changed },
    "scopeItem.deleted": { visibility: "subject" },
  },
} as const satisfies Aggregate;
