/** Events as rules of notifications read them: custom events have the type and the payload that the tenant has declared. */
import { compileNoticeRule, type CompiledNoticeRule, type NoticeRuleSource, type TriggeringEvent } from "@weft/engine";
import { type EventEnvelope, eventSchemaOf, isTriggering, payloadSchemaOf, shownEvent } from "@weft/shared/event-catalog";
import { LRUCache } from "lru-cache";
import type { RuleRow } from "./rule.store.js";

type Schemas = Parameters<typeof compileNoticeRule>[1];

/** The type in the log of all events that tenants declare. */
const CUSTOM = "custom.published";

/** Returns the type of an event as rules reference it. */
export const ruleTypeOf = ({ type, payload }: Pick<EventEnvelope, "type" | "payload">): string =>
  type === CUSTOM ? String(payload["name"]) : type;

/** Returns the event as the texts of rules read it. */
export function ruleEventOf(event: EventEnvelope): TriggeringEvent {
  const shown = shownEvent(event);
  if (event.type !== CUSTOM) return shown as TriggeringEvent;
  return { event: { ...shown.event, type: ruleTypeOf(event) }, payload: shown.payload["payload"] } as TriggeringEvent;
}

/** Returns the schemas of what rules read. Null for an unknown type. */
export function schemasOf(type: string, declared: ReadonlyMap<string, unknown>): Schemas | null {
  if (isTriggering(type) && type !== CUSTOM) return { event: eventSchemaOf(type), payload: payloadSchemaOf(type) } as Schemas;
  const payload = declared.get(type);
  if (payload === undefined) return null;
  const { properties, ...rest } = eventSchemaOf(CUSTOM) as { properties: Record<string, unknown> };
  return { event: { ...rest, properties: { ...properties, type: { type: "string", const: type } } }, payload } as unknown as Schemas;
}

const MAX_CACHED = 2_000;
const cache = new LRUCache<string, CompiledNoticeRule>({ max: MAX_CACHED });

/** Returns the texts of a rule. */
export const sourceOf = ({
  condition,
  title,
  body,
  recipients,
}: Pick<RuleRow, "condition" | "title" | "body" | "recipients">): NoticeRuleSource => ({
  condition,
  title,
  body,
  recipients: recipients.flatMap((one, at) =>
    one.type === "EXPRESSION" ? [{ path: ["recipients", at, "expression"], expression: one.expression }] : [],
  ),
});

/** Returns the compiled rule. Cached by version. A declared type can have changed since, so its schema is not consulted. */
export function compiledRule(row: RuleRow, type: string): CompiledNoticeRule {
  const key = `${row.id} ${row.version} ${type}`;
  const known = cache.get(key);
  if (known) return known;
  const { rule } = compileNoticeRule(sourceOf(row), schemasOf(type, new Map()) ?? { event: {}, payload: {} });
  cache.set(key, rule);
  return rule;
}
