import { newIncident } from "../../tenants/looping-definition.js";
import type { Cases } from "./case.js";

/** Cases of incidents, which stop instances. */
export const incidentCases: Cases = {
  mutations: {
    resolveIncident: { input: async ({ admin }) => ({ id: await newIncident(admin), action: "SKIP" }) },
  },
  lookups: {
    "incident.id": { own: ({ ids }) => ids.get("incident")?.[0], refusal: "object" },
    // Other instances have no events to receive.
    "incidentChanged.instanceId": { own: ({ stopped }) => stopped, refusal: "object", isOnly: true },
  },
  filters: {
    "incidents.filter.instanceId": ["instance"],
  },
};
