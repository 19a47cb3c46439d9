import type { Context } from "@weft/shared";
import { findBuildings } from "./building.store.js";
import { type Building, toBuilding } from "./building.type.js";

/** Buildings by UUID, batched over the request; null for what the viewer does not see. */
export const buildingLoader = (ctx: Context) =>
  ctx.loader<string, Building>(
    "building",
    async (tx, ids) => new Map((await findBuildings(tx, ctx.viewer, ids)).map((row) => [row.id, toBuilding(row)])),
  );
