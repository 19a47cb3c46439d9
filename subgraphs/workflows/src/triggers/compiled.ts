/** The compiled form of a trigger, which depends on the newest published version of the definitions that it references only when it is saved. */
import { compileTrigger, findPublishedMachine, neverReasons, whyNotPublished, type CompiledTrigger, type ViewerActor } from "@weft/engine";
import { type Problem, quote } from "@weft/shared/errors";
import { eventSchemaOf, isTriggering, payloadSchemaOf } from "@weft/shared/event-catalog";
import type { Tx } from "@weft/platform/db";
import { LRUCache } from "lru-cache";
import type { TriggerRow } from "./trigger.store.js";

const MAX_CACHED = 2_000;

const cache = new LRUCache<string, CompiledTrigger>({ max: MAX_CACHED });

type Terms = Pick<
  TriggerRow,
  | "eventType"
  | "condition"
  | "action"
  | "definitionKey"
  | "data"
  | "correlationKey"
  | "transition"
  | "input"
  | "correlationValue"
  | "onNoMatch"
>;

type Schema = Parameters<typeof compileTrigger>[1]["event"];

const sourceOf = ({ condition, data, input, correlationKey, correlationValue }: Terms) => ({
  condition,
  data,
  input,
  correlationKey,
  value: correlationValue,
});

/** Returns the compiled trigger. Cached by version. */
export function compiledOf(row: TriggerRow): CompiledTrigger {
  const key = `${row.id} ${row.version}`;
  const known = cache.get(key);
  if (known) return known;
  const { trigger } = compileTrigger(sourceOf(row), { ...schemasOf(row.eventType), started: null, fired: null });
  cache.set(key, trigger);
  return trigger;
}

/**
 * Compiles the terms against the published definitions that they reference. Paths of problems begin with `input.`.
 * @param actor with whose rights the trigger will act; null: not checked
 */
export async function checkedTerms(
  tx: Tx,
  { tenantId, actor }: { readonly tenantId: string; readonly actor: ViewerActor | null },
  terms: Terms,
): Promise<{ readonly trigger: CompiledTrigger; readonly problems: readonly Problem[] }> {
  const { definitionKey, transition, action, onNoMatch } = terms;
  const machine = definitionKey === null ? null : await findPublishedMachine(tx, tenantId, definitionKey);
  const starts = action === "START" || onNoMatch === "START";
  const { trigger, problems } = compileTrigger(sourceOf(terms), {
    ...schemasOf(terms.eventType),
    started: starts ? machine : null,
    fired: action === "FIRE" && machine && transition !== null ? { machine, transition } : null,
  });
  const missing =
    definitionKey !== null && !machine
      ? [
          {
            path: "input.definitionKey",
            message: `${await whyNotPublished(tx, { definitionKey })}.`,
          },
        ]
      : [];
  const never = action === "FIRE" && machine && transition !== null && actor ? neverReasons(machine, transition, actor) : [];
  const unable =
    never.length > 0
      ? [
          {
            path: "input.transition",
            message: `The trigger would act with your rights, and you can never fire ${quote(transition ?? "")}: ${never.map(({ message }) => message).join(" ")} A user who has it can save the trigger.`,
          },
        ]
      : [];
  // The name of the input field differs from the core's.
  const named = (path: string): string => (path === "value" ? "correlationValue" : path);
  return {
    trigger,
    problems: [...missing, ...unable, ...problems.map(({ path, message }) => ({ path: `input.${named(path)}`, message }))],
  };
}

/** Returns the indexed fields of the newest published version. Null if there is none. */
export async function indexedFieldsOf(tx: Tx, tenantId: string, definitionKey: string): Promise<readonly string[] | null> {
  const machine = await findPublishedMachine(tx, tenantId, definitionKey);
  return machine && machine.index.map(({ name }) => name);
}

function schemasOf(type: string): { event: Schema; payload: Schema } {
  if (!isTriggering(type)) return { event: {}, payload: {} };
  return { event: eventSchemaOf(type) as Schema, payload: payloadSchemaOf(type) as Schema };
}
