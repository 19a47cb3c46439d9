import { newAuditExport, newExport } from "../../tenants/new-export.js";
import type { ViewedList } from "../../tenants/new-view.js";
import type { Cases, MutationCase } from "./case.js";

const exportOf = (list: ViewedList): MutationCase => ({
  input: async ({ viewIds }) => ({ viewId: viewIds[list], columns: ["createdAt"] }),
  ids: { viewId: "input" },
});

/** Cases of exports. */
export const exportCases: Cases = {
  mutations: {
    exportRequests: exportOf("REQUESTS"),
    exportBuildings: exportOf("BUILDINGS"),
    exportAssets: exportOf("ASSETS"),
    exportAuditEntries: { input: async () => ({ format: "JSON_LINES" }), ids: {} },
    cancelAuditExport: { input: async (_fixture, actor) => ({ id: await newAuditExport(actor) }) },
    cancelExport: { input: async (_fixture, actor) => ({ id: await newExport(actor) }) },
  },
};
