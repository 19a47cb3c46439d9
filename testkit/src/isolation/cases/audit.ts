import { newDestination, newTeamDestination, sampleDestination } from "../../tenants/new-destination.js";
import type { Cases } from "./case.js";
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
    },
    archiveNotification: {
      as: "operations",
      input: async (_fixture, actor) => {
        const { notifications } = await actor.run<{ notifications: { edges: { node: HasId }[] } }>(
          "{ notifications(first: 1) { edges { node { id } } } }",
        );
        return { id: notifications.edges[0]?.node.id };
      },
    },
    markAllNotificationsRead: { as: "operations", input: () => Promise.resolve({ until: "2000-01-01T00:00:00Z" }) },
    updateNotificationPreferences: {
      as: "operations",
      input: () => Promise.resolve({ quietHours: { from: "22:00", to: "06:00" } }),
    },
    addNotificationDestination: { as: "operations", input: () => Promise.resolve(sampleDestination("Chat")) },
    confirmNotificationDestination: {
      as: "operations",
      // A chat is active from the start, so nothing changes.
      input: async (_fixture, actor) => ({ id: await newDestination(actor), code: "123456" }),
    },
    removeNotificationDestination: {
      as: "operations",
      input: async (_fixture, actor) => ({ id: await newDestination(actor) }),
    },
    addTeamNotificationDestination: {
      input: ({ teamId }) => Promise.resolve({ teamId, ...sampleDestination("Channel") }),
    },
    // Each has a chat of its own, because the cases run at the same time.
    updateTeamNotificationDestination: {
      input: async ({ admin, teamId }) => ({ id: await newTeamDestination(admin, teamId, "Updated"), name: "Renamed" }),
    },
    removeTeamNotificationDestination: {
      input: async ({ admin, teamId }) => ({ id: await newTeamDestination(admin, teamId, "Removed") }),
    },
    testTeamNotificationDestination: {
      input: async ({ admin, teamId }) => ({ id: await newTeamDestination(admin, teamId, "Tested") }),
    },
    unsubscribeFromNotifications: { input: async ({ unsubscribeToken }) => ({ token: await unsubscribeToken() }) },
    resendNotificationDelivery: {
      input: async ({ newFailedDelivery }) => ({ id: await newFailedDelivery() }),
    },
    liftMailSuppression: { input: ({ operations }) => Promise.resolve({ id: operations.id }) },
  },
  lookups: {
    "teamNotificationDestinations.teamId": { own: ({ teamId }) => teamId, refusal: "object" },
    "node.id": { own: ({ given }) => given.requestId, refusal: "null" },
    "nodes.ids": { own: ({ given }) => [given.requestId], refusal: "null" },
  },
  filters: {
    "notificationDeliveries.filter.userId": ["user"],
    "notificationDeliveries.filter.teamId": ["team"],
    "auditEntries.filter.actorId": ["user"],
    "auditEntries.filter.onBehalfOfId": ["user"],
    "auditEntryCounts.filter.actorId": ["user"],
    "auditEntryCounts.filter.onBehalfOfId": ["user"],
    "auditEntryCounts.filter.apiKeyId": ["apiKey"],
    "auditEntryCounts.filter.entityId": ["request", "instance", "task", "user", "vendor", "building", "asset", "project"],
    "auditEntries.filter.apiKeyId": ["apiKey"],
    "auditEntries.filter.entityId": ["request", "instance", "task", "user", "vendor", "building", "asset", "project"],
  },
};
