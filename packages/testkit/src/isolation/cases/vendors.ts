import type { World } from "../world.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newVendor = (world: World) => create<HasId>(world, "createVendor", "vendor", { code: fresh("V"), name: "A vendor" });

/** Vendors and their projects. */
export const vendorCases: Cases = {
  mutations: {
    createVendor: { input: async () => ({ code: fresh("V"), name: "A vendor" }), ids: {} },
    updateVendor: { input: async (world) => ({ id: (await newVendor(world)).id, name: "Renamed" }), ids: { id: "object" } },
    deactivateVendor: { input: async (world) => ({ id: (await newVendor(world)).id }), ids: { id: "object" } },
    createProject: { input: async () => ({ code: fresh("P"), name: "A project" }), ids: {} },
  },
  lookups: {
    "vendor.id": byType("vendor"),
    "project.id": byType("project"),
  },
  filters: {
    "projects.filter.createdBy": ["user"],
  },
};
