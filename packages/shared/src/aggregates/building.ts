import { changed, codeAndName } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const building = {
  types: { building: { prefix: "bld", typeName: "Building", table: "requests.buildings", role: "entity" } },
  tenantWide: { building: { building: "id" } },
  permissions: {
    "building.read": "View buildings.",
    "building.create": "Create buildings.",
    "building.update": "Change buildings.",
    "building.delete": "Delete and restore buildings.",
  },
  isChangedByOperators: true,
  isMasterData: true,
  events: {
    "building.created": { visibility: "subject", payload: codeAndName },
    "building.updated": { visibility: "subject", payload: changed },
    "building.deleted": { visibility: "subject" },
    "building.restored": { visibility: "subject" },
  },
} as const satisfies Aggregate;
