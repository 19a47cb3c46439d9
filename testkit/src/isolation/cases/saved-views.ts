import { newView, type ViewedList } from "../../tenants/new-view.js";
import type { Cases, LookupCase } from "./case.js";

const viewOf = (list: ViewedList): LookupCase => ({ own: ({ viewIds }) => viewIds[list], refusal: "input", isOnly: true });

/** Cases of saved views. */
export const savedViewCases: Cases = {
  mutations: {
    saveView: {
      input: async ({ teamId }) => ({ list: "ASSETS", name: "A view", visibility: "TEAM", teamId, filter: { tag: { contains: "T" } } }),
    },
    updateView: {
      input: async ({ admin, teamId }) => ({ id: await newView(admin, "ASSETS"), visibility: "TEAM", teamId }),
    },
    deleteView: { input: async ({ admin }) => ({ id: await newView(admin, "ASSETS") }) },
  },
  lookups: {
    "requestListChanged.viewId": viewOf("REQUESTS"),
    "requests.viewId": viewOf("REQUESTS"),
    "buildings.viewId": viewOf("BUILDINGS"),
    "assets.viewId": viewOf("ASSETS"),
  },
};
