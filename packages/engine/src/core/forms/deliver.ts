/** Returns a form as clients get it: JSON Schema (draft 7) with a UI schema for JSON Forms, and the initial values. */
import { lookUp, type Context } from "../conditions/context.js";
import type { Json, JsonObject } from "../model/json.js";
import { validateData } from "../schema/validate.js";
import { schemaWriter, type SchemaOf } from "./condition-schema.js";
import { MAX_CONDITION_PARTS, type Form, type FormField } from "../model/form.js";
import { atLeastOne } from "./read-field.js";
import { resolveForm, type Resolved, type ResolvedField } from "./resolve.js";

export type DeliveredForm = {
  readonly name: string;
  readonly title: string | null;
  readonly description: string | null;
  readonly schema: JsonObject;
  readonly uiSchema: JsonObject;
  /** Initial values by field; fields that begin empty are absent. */
  readonly data: JsonObject;
};

/**
 * Everything that is already known is resolved: fields that are not requested are absent, and conditions over the data are decided. Conditions on
 * other answers become JSON Schema (`if`, `then`) and rules of the UI schema. What JSON Schema cannot express (an answer compared with another,
 * values computed from answers, the order of texts) is left to the server: such a field is shown, and the schema does not require it. Without a
 * context, everything except the answers is unknown.
 */
export function deliverForm(form: Form, context: Context | null): DeliveredForm {
  const { fields, checks } = resolveForm(form, context);
  const visible = new Map(fields.map((one) => [one.field.name, one.visible]));
  // A field that is not listed here is known to be hidden, so no condition reads it.
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

/** `if`: the field is shown and required; `then`: it must be present and not empty. */
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

/** A value that the field would reject is not used as the initial value. */
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
  // A date-time begins with its date.
  const fit = node.format === "date" && typeof value === "string" ? value.slice(0, 10) : value;
  const only = { ...schema, root: { ...schema.root, required: [] } };
  return validateData(only, { [name]: fit }, "default").length === 0 ? fit : undefined;
}
