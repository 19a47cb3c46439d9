import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

export const assetType = {
  types: { assetType: { prefix: "aty", typeName: "AssetType", table: "requests.asset_types", role: "entity", changes: "CONFIGURATION" } },
  permissions: {
    "assetType.update": "Create, change, deactivate, and activate asset types.",
  },
  isChangedByOperators: true,
  events: {
    "assetType.created": { visibility: "subject", payload: z.strictObject({ key: z.string() }) },
    "assetType.updated": { visibility: "subject", payload: changed },
  },
} as const satisfies Aggregate;
