import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const space = {
  types: { space: { prefix: "spc", typeName: "Space", table: "requests.spaces", role: "entity" } },
  events: {
    "space.created": { related: ["building"], visibility: "subject" },
    "space.updated": { related: ["building"], visibility: "subject", payload: changed },
    "space.deleted": { related: ["building"], visibility: "subject" },
    "space.restored": { related: ["building"], visibility: "subject" },
  },
} as const satisfies Aggregate;
