import { requests as tables } from "@weft/drizzle";
import { type RowLoader, rowLoader } from "@weft/api/context";
import { type LoaderAsOf, loaderAsOf } from "../as-of/loader-as-of.js";
import { findBuildings } from "./building.store.js";
import { type Building, toBuilding } from "./building.type.js";

/** Loads buildings by UUID, batched per request. Null for buildings that the viewer cannot see. */
export const buildingLoader: RowLoader<Building> = rowLoader("building", findBuildings, toBuilding);

/** The same as of a time. */
export const buildingLoaderAsOf: LoaderAsOf<Building> = loaderAsOf({
  name: "building",
  table: tables.buildings,
  find: findBuildings,
  toNode: toBuilding,
  now: buildingLoader,
});
