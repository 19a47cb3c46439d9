import { type EventEnvelope, triggeringTypes } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import type { EventConsumer } from "@weft/platform/events";
import { insertTeamDeliveries } from "../deliveries/delivery.store.js";
import { notify, type NotifyServices } from "../notify.js";
import { applyRule, MAX_RECIPIENTS, whyNot } from "./apply.js";
import { ruleTypeOf } from "./rule-event.js";
import { noteCut, RULES_CONSUMER, type RuleRow, selectActiveRules } from "./rule.store.js";

/**
 * Applies the tenant's rules of notifications to each event. The notifications and the cursor are in one transaction, and a notification is unique per rule,
 * event and user: each rule notifies a user once, whatever crashes. The same holds for the chats of teams. Events of notifications are internal, so rules never react to what they cause.
 */
export function notificationRuleConsumer(services: NotifyServices): EventConsumer {
  // The rules of a transaction are read once.
  const active = new WeakMap<Tx, Map<string, RuleRow[]>>();
  const activeIn = async (tx: Tx): Promise<Map<string, RuleRow[]>> => {
    const known = active.get(tx);
    if (known) return known;
    const byType = new Map<string, RuleRow[]>();
    for (const rule of await selectActiveRules(tx))
      for (const type of rule.eventTypes) byType.set(type, [...(byType.get(type) ?? []), rule]);
    active.set(tx, byType);
    return byType;
  };
  return {
    name: RULES_CONSUMER,
    types: triggeringTypes,
    optInTypes: ["notificationRule.created", "notificationRule.updated"],
    handle: async (tx, event) => {
      const rules = (await activeIn(tx)).get(ruleTypeOf(event)) ?? [];
      for (const rule of rules)
        if (event.position > rule.afterPosition && whyNot(rule, event).length === 0) await tell(tx, services, { rule, event });
    },
  };
}

async function tell(
  tx: Tx,
  services: NotifyServices,
  { rule, event }: { readonly rule: RuleRow; readonly event: EventEnvelope },
): Promise<void> {
  const { notice, body, chats, count } = await applyRule(tx, services.databases, { rule, event });
  if (count > MAX_RECIPIENTS) {
    await noteCut(tx, rule.id, { at: event.occurredAt, count });
    services.log.info({ tenantId: event.tenantId, rule: rule.id, event: event.id, count }, "a rule has more recipients than it can notify");
  }
  if (notice.userIds.length > 0) await notify(tx, { event, services }, [notice]);
  const { id: eventId, tenantId, occurredAt: createdAt } = event;
  await insertTeamDeliveries(tx, { tenantId, eventId, createdAt, ruleId: rule.id, title: notice.title, body }, chats);
}
