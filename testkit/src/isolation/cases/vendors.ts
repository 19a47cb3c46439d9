import type { Fixture } from "../fixture.js";
import { byType, type Cases } from "./case.js";
import { create, fresh, type HasId } from "./fresh.js";

const newVendor = (fixture: Fixture) => create<HasId>(fixture, "createVendor", "vendor", { code: fresh("V"), name: "A vendor" });

/** Cases of vendors and their projects. */
export const vendorCases: Cases = {
  mutations: {
    createVendor: { input: async () => ({ code: fresh("V"), name: "A vendor" }), ids: {} },
    updateVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id, name: "Renamed" }), ids: { id: "object" } },
    deactivateVendor: { input: async (fixture) => ({ id: (await newVendor(fixture)).id }), ids: { id: "object" } },
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
