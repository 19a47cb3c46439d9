import type { Context } from "@weft/api/context";
import type DataLoader from "dataloader";
import { shownIntegration } from "./integration.service.js";
import { findIntegrations } from "./integration.store.js";
import type { Integration } from "./integration.type.js";

/** Loads integrations by UUID. */
export const integrationLoader = (ctx: Context): DataLoader<string, Integration | null> =>
  ctx.loader<string, Integration>("integration", async (tx, ids) => {
    const rows = await findIntegrations(tx, ids);
    return new Map(rows.map((row) => [row.id, shownIntegration(row)]));
  });
