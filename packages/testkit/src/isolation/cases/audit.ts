import { byType, type Cases } from "./case.js";
import type { HasId } from "./fresh.js";
import { until } from "../../until.js";

/** What has happened, notifications, and things found by their id alone. */
export const auditCases: Cases = {
  mutations: {
    markNotificationRead: {
      as: "operations",
      input: async (_world, actor) => {
        const { notifications } = await actor.run<{ notifications: { edges: { node: HasId }[] } }>(
          "{ notifications(first: 1) { edges { node { id } } } }",
        );
        return { id: notifications.edges[0]?.node.id };
      },
      ids: { id: "object" },
    },
    // One runs at a time: each waits for the one before it.
    startAuditVerification: {
      input: async (_world, actor) => {
        const isOver = async (): Promise<boolean> => {
          // Whoever may not verify is refused here as there.
          const { data } = await actor.send("{ auditVerifications(first: 1) { edges { node { status } } } }");
          return !JSON.stringify(data ?? null).includes("RUNNING");
        };
        await until(isOver, { what: "no verification of the audit trail is running", deadlineMs: 30_000 });
        return {};
      },
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
