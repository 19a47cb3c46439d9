import { newNotificationRule, pausedRule } from "../tenants/new-notification-rule.js";
import { fresh, type IdempotencyCases } from "./case.js";

const selection = "rule { id version name }";

/** Cases of rules of notifications. */
export const notificationRuleCases: IdempotencyCases = {
  createNotificationRule: {
    who: ({ acme }) => acme.admin,
    selection,
    inputs: () => {
      const input = { ...pausedRule, name: fresh("Rule ") };
      return Promise.resolve({ input, other: { ...input, name: "Another" } });
    },
  },
  updateNotificationRule: {
    who: ({ acme }) => acme.admin,
    selection,
    inputs: async ({ acme }) => {
      const other = { id: await newNotificationRule(acme.admin), name: "Changed" };
      return { input: { ...other, expectedVersion: 1 }, other };
    },
  },
  deleteNotificationRule: {
    who: ({ acme }) => acme.admin,
    selection: "id",
    inputs: async ({ acme }) => {
      const other = { id: await newNotificationRule(acme.admin) };
      return { input: { ...other, expectedVersion: 1 }, other };
    },
  },
};
