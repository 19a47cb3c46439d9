/** What a rule means for an event: nothing, or a notification of some users. Writes nothing. */
import { evaluateNoticeRule, renderNoticeRule } from "@weft/engine";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import type { Databases, Tx } from "@weft/platform/db";
import { viewersOfUsers } from "@weft/platform/rights";
import type { Channel } from "../preferences/effective.js";
import type { Notice } from "../notices/notice.js";
import { candidatesOf, chatsOf } from "./candidates.js";
import { compiledRule, ruleEventOf, ruleTypeOf } from "./rule-event.js";
import type { RuleRow } from "./rule.store.js";
import { whoCanKnow } from "./visibility.js";

/** Users whom a rule notifies of one event. */
export const MAX_RECIPIENTS = 1_000;

/** The result of a rule that applies to an event. */
export interface Applied {
  readonly notice: Notice;
  readonly body: string;
  /** Chats of teams, which get it regardless of what anybody can see: the author of the rule has decided that. */
  readonly chats: Awaited<ReturnType<typeof chatsOf>>;
  /** Users whom the recipients mean, and who get nothing, because they are not active or cannot see the event's object. */
  readonly excluded: readonly string[];
  /** Number of users whom the recipients mean, before the maximum. */
  readonly count: number;
}

/** Returns why the rule does not apply to the event, as sentences. Empty if it does. */
export function whyNot(rule: RuleRow, event: EventEnvelope): string[] {
  const type = ruleTypeOf(event);
  if (!rule.eventTypes.includes(type)) return [`The event is of the type ${type}, to which the rule does not apply.`];
  const result = evaluateNoticeRule(compiledRule(rule, type), ruleEventOf(event));
  return result.holds ? [] : result.failures.map(({ message }) => message);
}

/** Applies a rule whose condition holds. */
export async function applyRule(
  tx: Tx,
  { auth }: Pick<Databases, "auth">,
  { rule, event }: { readonly rule: RuleRow; readonly event: EventEnvelope },
): Promise<Applied> {
  const compiled = compiledRule(rule, ruleTypeOf(event));
  const all = await candidatesOf(tx, rule, { event, compiled });
  const candidates = all.slice(0, MAX_RECIPIENTS);
  const { tenantId } = event;
  const viewers = await viewersOfUsers(auth, { tenantId, userIds: candidates, sessionId: rule.id });
  const knowing = await whoCanKnow(tx, event, [...viewers.values()]);
  const { title, body } = renderNoticeRule(compiled, ruleEventOf(event));
  return {
    notice: {
      kind: "RULE",
      // Values that are absent from the event can leave nothing of the title.
      title: title === "" ? rule.name : title,
      params: { rule: rule.name, ruleId: encodeId("notificationRule", rule.id), body },
      subject: { type: event.subjectType, id: event.subjectId },
      userIds: candidates.filter((id) => knowing.has(id)),
      rule: { id: rule.id, channels: rule.channels as Channel[], isMandatory: rule.isMandatory },
    },
    body,
    chats: await chatsOf(tx, rule),
    excluded: candidates.filter((id) => !knowing.has(id)),
    count: all.length,
  };
}
