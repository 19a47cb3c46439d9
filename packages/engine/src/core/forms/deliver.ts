/** A form as clients get it: JSON Schema (draft 7) with a UI schema for JSON Forms, and the values to begin with. */
import { lookUp, type Context } from "../conditions/context.js";
import type { Json, JsonObject } from "../json.js";
import { validateData } from "../schema/validate.js";
import { schemaWriter, type SchemaOf } from "./condition-schema.js";
import { MAX_CONDITION_PARTS, type Form, type FormField } from "./form.js";
import { atLeastOne } from "./read-field.js";
import { resolveForm, type Resolved, type ResolvedField } from "./resolve.js";

export type DeliveredForm = {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly schema: JsonObject;
  readonly uiSchema: JsonObject;
  /** By field; those that begin empty are absent. */
  readonly data: JsonObject;
};

/**
 * What is known already is settled: fields that nobody is asked for are absent, conditions over the data are decided. What depends on other answers is said in JSON
 * Schema (`if`, `then`) and in rules of the UI schema. What JSON Schema cannot say (an answer compared with another, what is worked out of answers, the order of texts) is left to the
 * server: such a field is shown, and not required by the schema. Without a context everything but the answers is unknown.
 */
export function deliverForm(form: Form, context: Context | null): DeliveredForm {
  const { fields, checks } = resolveForm(form, context);
  const visible = new Map(fields.map((one) => [one.field.name, one.visible]));
  // A field that is not here is known to be hidden: no condition reads it any more.
  const write = schemaWriter((name) => visible.get(name) ?? true, MAX_CONDITION_PARTS);
  const conditions = fields.flatMap((field) => requirement(field, write));
  const always = fields.filter(isAlwaysRequired).map(({ field }) => field.name);
  const allOf = [...conditions, ...checks.flatMap(({ holds }) => unlessFalse(holds, write))];
  return {
    name: form.name,
    title: form.title,
    description: form.description,
    schema: {
      $schema: "http://json-schema.org/draft-07/schema#",
      type: "object",
      ...(form.title !== null && { title: form.title }),
      ...(form.description !== null && { description: form.description }),
      properties: Object.fromEntries(fields.map((one) => [one.field.name, isAlwaysRequired(one) ? needed(one.field) : one.field.schema])),
      ...(always.length > 0 && { required: always }),
      additionalProperties: false,
      ...(allOf.length > 0 && { allOf }),
    },
    uiSchema: { type: "VerticalLayout", elements: fields.map((field) => control(field, write)) },
    data: beginning(form, fields, context),
  };
}

const isAlwaysRequired = ({ required, visible }: ResolvedField): boolean => required === true && visible === true;

const needed = ({ type, schema }: FormField): JsonObject => ({ ...schema, ...atLeastOne(type, schema) });

/** `if` it is shown and required, `then` it must be there and not be empty. */
function requirement(one: ResolvedField, write: SchemaOf): JsonObject[] {
  const { field, visible, required } = one;
  if (isAlwaysRequired(one) || required === false || required === null) return [];
  const when = write({ op: "and", args: [visible, required] }, true);
  if (when === null) return [];
  const then = { required: [field.name], properties: { [field.name]: atLeastOne(field.type, field.schema) } };
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  return [{ if: when, then }];
}

function unlessFalse(holds: Resolved, write: SchemaOf): JsonObject[] {
  const broken = holds === true || holds === null ? null : write(holds, false);
  return broken === null ? [] : [{ not: broken }];
}

function control({ field, visible }: ResolvedField, write: SchemaOf): JsonObject {
  const shown = visible === true ? null : write(visible, true);
  return {
    type: "Control",
    scope: `#/properties/${field.name}`,
    label: field.label,
    options: field.hints,
    ...(shown !== null && { rule: { effect: "SHOW", condition: { scope: "#", schema: shown, failWhenUndefined: true } } }),
  };
}

/** A value that the field would refuse is none to begin with. */
function beginning(form: Form, fields: readonly ResolvedField[], context: Context | null): JsonObject {
  const values = fields.flatMap(({ field }): [string, Json][] => {
    const found = field.defaultFrom && context ? lookUp(context, field.defaultFrom) : undefined;
    const value = found === undefined || found === null ? undefined : fitted(form, field, found as Json);
    const first = value ?? field.default;
    return first === undefined ? [] : [[field.name, first]];
  });
  return Object.fromEntries(values);
}

function fitted({ schema }: Form, { name }: FormField, value: Json): Json | undefined {
  const node = schema.root.properties.get(name);
  if (!node) return undefined;
  // A moment begins with its day.
  const fit = node.format === "date" && typeof value === "string" ? value.slice(0, 10) : value;
  const only = { ...schema, root: { ...schema.root, required: [] } };
  return validateData(only, { [name]: fit }, "default").length === 0 ? fit : undefined;
}
