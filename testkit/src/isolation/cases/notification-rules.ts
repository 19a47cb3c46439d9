import { newNotificationRule, pausedRule } from "../../tenants/new-notification-rule.js";
import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";
import type { Cases } from "./case.js";

const { status: _status, ...draft } = pausedRule;

const recipients = ({ operations }: Fixture) => [{ type: "USER", userId: operations.id }];

/** The arguments of a preview. */
const previewed = (_actor: TestUser, fixture: Fixture) => ({
  eventId: fixture.triggeringEventId,
  input: { ...draft, recipients: recipients(fixture) },
});

/** Cases of rules of notifications. */
export const notificationRuleCases: Cases = {
  mutations: {
    createNotificationRule: {
      input: (fixture) => Promise.resolve({ ...pausedRule, recipients: recipients(fixture) }),
    },
    updateNotificationRule: {
      input: async (fixture) => ({ id: await newNotificationRule(fixture.admin), recipients: recipients(fixture) }),
    },
    deleteNotificationRule: { input: async ({ admin }) => ({ id: await newNotificationRule(admin) }) },
  },
  lookups: {
    "notificationRule.id": { own: ({ ids }) => ids.get("notificationRule")?.[0], refusal: "object" },
    "previewNotificationRule.eventId": { own: ({ triggeringEventId }) => triggeringEventId, refusal: "object", isOnly: true },
    "previewNotificationRule.input.recipients.userId": { own: ({ operations }) => operations.id, refusal: "input", with: previewed },
    "previewNotificationRule.input.recipients.teamId": { own: ({ teamId }) => teamId, refusal: "input", with: previewed },
    "previewNotificationRule.input.recipients.destinationId": {
      own: ({ teamDestinationId }) => teamDestinationId,
      refusal: "input",
      with: previewed,
    },
  },
  queryArguments: {
    previewNotificationRule: { input: draft },
  },
};
