import { newIncident } from "../looping-definition.js";
import type { LookupCase, MutationCase } from "./cases.js";

export const incidentMutationCases: Readonly<Record<string, MutationCase>> = {
  resolveIncident: { input: async ({ admin }) => ({ id: await newIncident(admin), action: "SKIP" }), ids: { id: "object" } },
};

export const incidentLookupCases: Readonly<Record<string, LookupCase>> = {
  "incident.id": { own: ({ ids }) => ids.get("incident")?.[0], refusal: "object" },
  // Of another there is nothing to hear.
  "incidentChanged.instanceId": { own: ({ stopped }) => stopped, refusal: "object", isOnly: true },
};
