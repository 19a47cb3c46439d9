import { pausedRule } from "../tenants/new-notification-rule.js";
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
};
