/** The condition of a webhook: which events of its types it receives. */
import { compileTrigger, evaluateTrigger, type CompiledTrigger } from "@weft/engine";
import { type Problem, quote } from "@weft/shared/errors";
import { type EventEnvelope, eventSchemaOf, type EventType, payloadSchemaOf, publishedEvent } from "@weft/shared/event-catalog";
import { LRUCache } from "lru-cache";
import type { WebhookRow } from "./webhook.store.js";

const MAX_CACHED = 2_000;
const MAX_PROBLEMS = 5;

const cache = new LRUCache<string, CompiledTrigger>({ max: MAX_CACHED });

type Schema = Parameters<typeof compileTrigger>[1]["event"];

const compile = (condition: string, { event, payload }: { event: Schema; payload: Schema }) =>
  compileTrigger({ condition, data: null, input: null, correlationKey: null, value: null }, { event, payload, started: null, fired: null });

/** The JSON Schemas of the payloads of custom events, by the names that the tenant has declared. */
export type DeclaredTypes = ReadonlyMap<string, unknown>;

/** The type in the log of all custom events. A webhook that lists it receives them whatever their declared types are. */
const CUSTOM = "custom.published";

/**
 * Returns the problems of a condition, which must be valid for each type of events.
 * @param eventTypes null for all types, whose payloads have nothing in common: then only the syntax is checked
 */
export function conditionProblems(condition: string, eventTypes: readonly string[] | null, declared: DeclaredTypes): Problem[] {
  if (condition === "") return [];
  if (eventTypes === null) return compile(condition, { event: {}, payload: {} }).problems.map(toProblem);
  const problems = eventTypes.flatMap((type) =>
    compile(condition, schemasOf(type, declared)).problems.map((problem) =>
      toProblem(eventTypes.length === 1 ? problem : { message: `For ${quote(type)}: ${problem.message}` }),
    ),
  );
  return problems.slice(0, MAX_PROBLEMS);
}

/** A type that is declared no longer has no schema: events of it can still be on their way. */
function schemasOf(type: string, declared: DeclaredTypes): { event: Schema; payload: Schema } {
  if (!type.startsWith("custom."))
    return { event: eventSchemaOf(type as EventType) as Schema, payload: payloadSchemaOf(type as EventType) as Schema };
  const { properties, ...rest } = eventSchemaOf(CUSTOM) as { properties: Record<string, unknown> };
  return {
    event: { ...rest, properties: { ...properties, type: { type: "string" } } },
    payload: (declared.get(type) ?? {}) as Schema,
  };
}

const toProblem = ({ message }: Pick<Problem, "message">): Problem => ({ path: "input.condition", message });

/** Returns whether a webhook receives an event that has just been numbered. */
export const receives = (webhook: WebhookRow, event: EventEnvelope): boolean =>
  event.position > webhook.afterPosition && wants(webhook, event);

/** Returns whether an event has one of the types. A custom event has its declared type, and the common type of all custom events. */
export const isOfTypes = (event: EventEnvelope, types: readonly string[]): boolean =>
  types.includes(event.type) || (event.type === CUSTOM && types.includes(publishedEvent(event).type));

/** Returns whether an event has one of the webhook's types and meets its condition. The compiled condition is cached by the webhook's version. */
export function wants(webhook: WebhookRow, event: EventEnvelope): boolean {
  const { id, version, condition, eventTypes } = webhook;
  if (eventTypes !== null && !isOfTypes(event, eventTypes)) return false;
  if (condition === "") return true;
  const key = `${id} ${version}`;
  const compiled = cache.get(key) ?? compile(condition, { event: {}, payload: {} }).trigger;
  cache.set(key, compiled);
  const shown = publishedEvent(event);
  return evaluateTrigger(compiled, { event: shown.event, payload: shown.payload } as Parameters<typeof evaluateTrigger>[1]).holds;
}
