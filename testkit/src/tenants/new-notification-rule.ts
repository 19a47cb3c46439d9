import type { TestUser } from "../test-user.js";

/** A rule that applies to no event, because it is paused. */
export const pausedRule = {
  name: "Buildings",
  eventTypes: ["building.updated"],
  recipients: [
    { type: "ROLE", role: "operations" },
    { type: "EXPRESSION", expression: "event.actorId" },
  ],
  title: "Building {{ event.subject.id }} changed",
  status: "PAUSED",
};

/** Creates a rule of notifications. Returns its ID. */
export async function newNotificationRule(who: Pick<TestUser, "run">, input: object = pausedRule): Promise<string> {
  const { createNotificationRule } = await who.run<{ createNotificationRule: { rule: { id: string } } }>(
    "mutation ($input: CreateNotificationRuleInput!) { createNotificationRule(input: $input) { rule { id } } }",
    { input },
  );
  return createNotificationRule.rule.id;
}
