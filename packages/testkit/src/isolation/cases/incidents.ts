import { newIncident } from "../../looping-definition.js";
import type { Cases } from "./case.js";

/** What stops instances. */
export const incidentCases: Cases = {
  mutations: {
    resolveIncident: { input: async ({ admin }) => ({ id: await newIncident(admin), action: "SKIP" }), ids: { id: "object" } },
  },
  lookups: {
    "incident.id": { own: ({ ids }) => ids.get("incident")?.[0], refusal: "object" },
    // Of another there is nothing to hear.
    "incidentChanged.instanceId": { own: ({ stopped }) => stopped, refusal: "object", isOnly: true },
  },
  filters: {
    "incidents.filter.instanceId": ["instance"],
  },
};
