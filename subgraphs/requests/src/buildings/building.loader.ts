import { type RowLoader, rowLoader } from "@weft/shared";
import { findBuildings } from "./building.store.js";
import { type Building, toBuilding } from "./building.type.js";

/** Loads buildings by UUID, batched per request. Null for buildings that the viewer cannot see. */
export const buildingLoader: RowLoader<Building> = rowLoader("building", findBuildings, toBuilding);
