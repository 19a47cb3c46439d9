import { byType, type Cases } from "./case.js";
import type { HasId } from "./fresh.js";

/** Cases of history, notifications, and objects that are looked up only by their ID. */
export const auditCases: Cases = {
  mutations: {
    markNotificationRead: {
      as: "operations",
      input: async (_fixture, actor) => {
        const { notifications } = await actor.run<{ notifications: { edges: { node: HasId }[] } }>(
          "{ notifications(first: 1) { edges { node { id } } } }",
        );
        return { id: notifications.edges[0]?.node.id };
      },
      ids: { id: "object" },
    },
    startAuditVerification: {
      input: () => Promise.resolve({}),
      ids: {},
    },
  },
  lookups: {
    "auditVerification.id": byType("auditVerification"),
    "node.id": { own: ({ given }) => given.requestId, refusal: "null" },
    "nodes.ids": { own: ({ given }) => [given.requestId], refusal: "null" },
  },
  filters: {
    "auditEntries.filter.actorId": ["user"],
    "auditEntries.filter.entityId": ["request", "instance", "task", "user", "vendor", "building", "asset", "project"],
  },
};
