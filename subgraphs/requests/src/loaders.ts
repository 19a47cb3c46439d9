import type { Context } from "@weft/shared";
import { type Asset, toAsset } from "./assets/asset.type.js";
import { findAssets } from "./assets/asset.store.js";
import { type Building, toBuilding } from "./buildings/building.type.js";
import { findBuildings } from "./buildings/building.store.js";
import { findRequestTypes } from "./request-types/request-type.store.js";
import { type RequestType, toRequestType } from "./request-types/request-type.type.js";
import { findRequests } from "./requests/request.store.js";
import { type Request, toRequest } from "./requests/request.type.js";

/** Objects by UUID, each batched over the request; null for what the viewer does not see. */

const byId = <Row extends { id: string }, T>(rows: readonly Row[], map: (row: Row) => T): Map<string, T> => new Map(rows.map((row) => [row.id, map(row)]));

export const requestLoader = (ctx: Context) =>
  ctx.loader<string, Request>("request", async (tx, ids) => byId(await findRequests(tx, ctx.viewer, ids, "request.read"), toRequest));

export const requestTypeLoader = (ctx: Context) => ctx.loader<string, RequestType>("requestType", async (tx, ids) => byId(await findRequestTypes(tx, ctx.viewer, ids), toRequestType));

export const buildingLoader = (ctx: Context) => ctx.loader<string, Building>("building", async (tx, ids) => byId(await findBuildings(tx, ctx.viewer, ids), toBuilding));

export const assetLoader = (ctx: Context) => ctx.loader<string, Asset>("asset", async (tx, ids) => byId(await findAssets(tx, ctx.viewer, ids), toAsset));
