import { type RowLoader, rowLoader } from "@weft/api/context";
import { findPlans } from "./plan.store.js";
import { type MaintenancePlan, toMaintenancePlan } from "./plan.type.js";

/** Loads maintenance plans by UUID, batched per request. Null for plans that the viewer cannot see. */
export const maintenancePlanLoader: RowLoader<MaintenancePlan> = rowLoader("maintenancePlan", findPlans, toMaintenancePlan);
