import { z } from "zod";
import { changed } from "../event-catalog/payloads.js";
import type { Aggregate } from "./aggregate.js";

/** What people recognize an asset by. Omitted in events from before they had it. */
const namesOfAsset = { tag: z.string().optional(), name: z.string().optional() };

const ofAssetDate = {
  related: ["building"],
  visibility: "subject",
  payload: z.strictObject({ date: z.iso.date(), ...namesOfAsset }),
} as const;

export const asset = {
  types: { asset: { prefix: "ast", typeName: "Asset", table: "requests.assets", role: "entity" } },
  // Users who can restore deleted assets have a list of their own for them.
  tenantWide: { asset: { building: "buildingId" } },
  permissions: {
    "asset.read": "View assets.",
    "asset.create": "Create assets.",
    "asset.update": "Change assets.",
    "asset.delete": "Delete assets, and restore them.",
  },
  isChangedByOperators: true,
  isMasterData: true,
  events: {
    "asset.created": {
      related: ["building"],
      visibility: "subject",
      payload: z.strictObject({ ...namesOfAsset, assetType: z.string().optional() }),
    },
    "asset.updated": { related: ["building"], visibility: "subject", payload: changed },
    "asset.deleted": { related: ["building"], visibility: "subject" },
    /** The asset is in another building: `related.building`. */
    "asset.transferred": { related: ["building"], visibility: "subject" },
    "asset.restored": { related: ["building"], visibility: "subject" },
    /** The warranty ends on the date, in as many days as the asset's type says. Once for each date. */
    "asset.warranty_ending": ofAssetDate,
    /** An inspection is due on the date, in as many days as the asset's type says. Once for each date. */
    "asset.inspection_due": ofAssetDate,
  },
} as const satisfies Aggregate;
