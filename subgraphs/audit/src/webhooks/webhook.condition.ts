/** The condition of a webhook: which events of its types it receives. */
import { compileTrigger, evaluateTrigger, type CompiledTrigger } from "@weft/engine";
import { eventSchemaOf, payloadSchemaOf, quote, shownEvent, type EventEnvelope, type EventType, type Problem } from "@weft/shared";
import { LRUCache } from "lru-cache";
import type { WebhookRow } from "./webhook.store.js";

const MAX_CACHED = 2_000;
const MAX_PROBLEMS = 5;

const cache = new LRUCache<string, CompiledTrigger>({ max: MAX_CACHED });

type Schema = Parameters<typeof compileTrigger>[1]["event"];

const compile = (condition: string, { event, payload }: { event: Schema; payload: Schema }) =>
  compileTrigger({ condition, data: null, input: null, correlationKey: null, value: null }, { event, payload, started: null, fired: null });

/**
 * Returns the problems of a condition, which must be valid for each type of events.
 * @param eventTypes null for all types, whose payloads have nothing in common: then only the syntax is checked
 */
export function conditionProblems(condition: string, eventTypes: readonly EventType[] | null): Problem[] {
  if (condition === "") return [];
  if (eventTypes === null) return compile(condition, { event: {}, payload: {} }).problems.map(toProblem);
  const problems = eventTypes.flatMap((type) =>
    compile(condition, { event: eventSchemaOf(type) as Schema, payload: payloadSchemaOf(type) as Schema }).problems.map((problem) =>
      toProblem(eventTypes.length === 1 ? problem : { message: `For ${quote(type)}: ${problem.message}` }),
    ),
  );
  return problems.slice(0, MAX_PROBLEMS);
}

const toProblem = ({ message }: Pick<Problem, "message">): Problem => ({ path: "input.condition", message });

/** Returns whether a webhook receives an event. The compiled condition is cached by the webhook's version. */
export function receives(webhook: WebhookRow, event: EventEnvelope): boolean {
  const { id, version, condition, eventTypes, afterPosition } = webhook;
  if (event.position <= afterPosition) return false;
  if (eventTypes !== null && !eventTypes.includes(event.type)) return false;
  if (condition === "") return true;
  const key = `${id} ${version}`;
  const compiled = cache.get(key) ?? compile(condition, { event: {}, payload: {} }).trigger;
  cache.set(key, compiled);
  return evaluateTrigger(compiled, shownEvent(event) as Parameters<typeof evaluateTrigger>[1]).holds;
}
