/** Reads what a trigger does from an input, and validates it against the event type and the published definitions. */
import type { ViewerActor } from "@weft/engine";
import { BadUserInput, type Problem, quote } from "@weft/shared/errors";
import { concernsInstances, eventTypes, isTriggering, triggeringTypes } from "@weft/shared/event-catalog";
import { suggestionFor, textProblems } from "@weft/shared/texts";
import type { Tx } from "@weft/platform/db";
import { isDeclaredEventType } from "../definitions/source/declared-event-types.service.js";
import { checkedTerms, indexedFieldsOf } from "./compiled.js";
import type { triggerTerms, UpdateTriggerInput } from "./trigger.type.js";
import type { TriggerRow } from "./trigger.store.js";

const MAX_MATCHES = 100;
const MAX_EXPRESSION_CHARS = 2_000;
const TEXTS = ["eventName", "condition", "definitionKey", "correlationKey", "transition", "correlationField", "correlationValue"] as const;

export type Terms = Pick<TriggerRow, "name" | "eventType" | "action" | keyof typeof triggerTerms>;

type Given = Omit<UpdateTriggerInput, "id" | "expectedVersion" | "idempotencyKey">;

/**
 * Returns the event type of a trigger and the name of its events. `eventTypes` lists declared types among the others, so they can be given like these: their
 * events are of the type `custom.published`, with the declared type as their name.
 * @throws BadUserInput if another name is given in addition
 */
export async function resolvedEventType(
  tx: Tx,
  { eventType, eventName }: { readonly eventType: string; readonly eventName?: string | null | undefined },
): Promise<{ readonly eventType: string; readonly eventName?: string | null }> {
  if (isTriggering(eventType) || !(await isDeclaredEventType(tx, eventType)))
    return { eventType, ...(eventName !== undefined && { eventName }) };
  if (typeof eventName === "string" && eventName !== eventType)
    throw new BadUserInput([
      problem("eventName", `The field has no effect for the declared type ${quote(eventType)}, which is the name of its events. Omit it.`),
    ]);
  return { eventType: "custom.published", eventName: eventType };
}

/** Terms of a new trigger before the input is applied. */
export const newTerms = ({ eventType, action }: Pick<Terms, "eventType" | "action">): Terms => ({
  name: "",
  eventType,
  eventName: null,
  condition: "",
  action,
  definitionKey: null,
  data: null,
  correlationKey: null,
  transition: null,
  input: null,
  correlation: action === "FIRE" ? "SUBJECT" : null,
  correlationField: null,
  correlationValue: null,
  maxMatches: 10,
  onNoMatch: "IGNORE",
});

/**
 * Applies an input to the terms of a trigger.
 * @throws BadUserInput with all problems
 */
export async function readTerms(
  tx: Tx,
  by: { readonly tenantId: string; readonly actor: ViewerActor | null },
  before: Terms,
  given: Given,
): Promise<Terms> {
  const shape = shapeProblems(before, given);
  if (shape.length > 0) throw new BadUserInput(shape);
  const text = (name: (typeof TEXTS)[number]): string | null => {
    const value = given[name];
    if (value === undefined) return before[name];
    return value === null || value.trim() === "" ? null : value.trim();
  };
  const terms: Terms = {
    ...before,
    ...(typeof given.name === "string" && { name: given.name.trim() }),
    eventName: text("eventName"),
    condition: text("condition") ?? "",
    definitionKey: text("definitionKey"),
    correlationKey: text("correlationKey"),
    transition: text("transition"),
    correlationField: text("correlationField"),
    correlationValue: text("correlationValue"),
    ...(given.data !== undefined && { data: given.data as Terms["data"] }),
    ...(given.input !== undefined && { input: given.input as Terms["input"] }),
    ...(given.correlation && { correlation: given.correlation }),
    ...(typeof given.maxMatches === "number" && { maxMatches: given.maxMatches }),
    ...(given.onNoMatch && { onNoMatch: given.onNoMatch }),
  };
  const problems = [...combinationProblems(terms), ...(await fieldProblems(tx, by.tenantId, terms))];
  if (problems.length > 0) throw new BadUserInput(problems);
  const checked = await checkedTerms(tx, by, terms);
  if (checked.problems.length > 0) throw new BadUserInput(checked.problems);
  return terms;
}

const problem = (name: string, message: string): Problem => ({ path: `input.${name}`, message });

function shapeProblems({ eventType }: Terms, given: Given): Problem[] {
  const { maxMatches } = given;
  const objects = (["data", "input"] as const).flatMap((name) =>
    given[name] === undefined || given[name] === null || (typeof given[name] === "object" && !Array.isArray(given[name]))
      ? []
      : [problem(name, 'Expected an object with an expression for each property, for example { title: "payload.title" }.')],
  );
  return [
    ...(isTriggering(eventType)
      ? []
      : [
          problem(
            "eventType",
            `${quote(eventType)} is not an event type that triggers can react to. The query eventTypes lists them.${suggestionFor(eventType, triggeringTypes)}`,
          ),
        ]),
    ...textProblems("input.name", given.name, { max: 200 }),
    ...TEXTS.flatMap((name) => textProblems(`input.${name}`, given[name], { max: MAX_EXPRESSION_CHARS, mayBeEmpty: true })),
    ...objects,
    ...(typeof maxMatches === "number" && (maxMatches < 1 || maxMatches > MAX_MATCHES)
      ? [problem("maxMatches", `The maximum number of instances must be a number from 1 to ${MAX_MATCHES}.`)]
      : []),
  ];
}

/** Types whose events have a name: that which a definition emits, or that of a custom event. */
const namedTypes: readonly string[] = ["workflow.emitted", "custom.published"];

/** Returns the fields that are missing, or that have no meaning in this combination. */
function combinationProblems(terms: Terms): Problem[] {
  const { eventType, eventName, action, definitionKey, transition, correlation, correlationField, correlationValue, onNoMatch } = terms;
  const isFire = action === "FIRE";
  const starts = !isFire || onNoMatch === "START";
  const byField = correlation === "FIELD";
  const needed = (isNeeded: boolean, name: string, value: unknown, why: string): Problem[] =>
    isNeeded && (value === null || value === undefined) ? [problem(name, `The field is required ${why}.`)] : [];
  const unused = (isUnused: boolean, name: string, value: unknown, why: string): Problem[] =>
    isUnused && value !== null && value !== undefined ? [problem(name, `The field has no effect ${why}. Omit it, or pass null.`)] : [];
  return [
    ...unused(!namedTypes.includes(eventType), "eventName", eventName, `unless the event type is ${namedTypes.join(" or ")}`),
    ...needed(starts, "definitionKey", definitionKey, "to start an instance"),
    ...needed(byField, "definitionKey", definitionKey, "if the correlation is FIELD"),
    ...needed(isFire, "transition", transition, "for the action FIRE"),
    ...needed(byField, "correlationField", correlationField, "if the correlation is FIELD"),
    ...needed(byField, "correlationValue", correlationValue, "if the correlation is FIELD"),
    ...unused(!isFire, "transition", transition, "for the action START"),
    ...unused(!isFire, "input", terms.input, "for the action START"),
    ...unused(!isFire, "correlation", correlation, "for the action START"),
    ...unused(!byField, "correlationField", correlationField, "unless the correlation is FIELD"),
    ...unused(!byField, "correlationValue", correlationValue, "unless the correlation is FIELD"),
    ...unused(!starts, "data", terms.data, "unless an instance is started"),
    ...unused(!starts, "correlationKey", terms.correlationKey, "unless an instance is started"),
    ...(!isFire && onNoMatch === "START" ? [problem("onNoMatch", "The action START always starts an instance.")] : []),
    ...(correlation === "SUBJECT" && isTriggering(eventType) && !concernsInstances(eventType)
      ? [
          problem(
            "correlation",
            `Events of the type ${eventType} are about a ${eventTypes[eventType].subject}, not about an instance. Use the correlation FIELD.`,
          ),
        ]
      : []),
  ];
}

async function fieldProblems(tx: Tx, tenantId: string, { definitionKey, correlationField }: Terms): Promise<Problem[]> {
  if (definitionKey === null || correlationField === null) return [];
  const known = await indexedFieldsOf(tx, tenantId, definitionKey);
  if (known === null || known.includes(correlationField)) return [];
  const message = `The definition ${quote(definitionKey)} does not list the field ${quote(correlationField)} under \`index\`, so its values cannot be searched.`;
  return [problem("correlationField", `${message}${suggestionFor(correlationField, known)}`)];
}
