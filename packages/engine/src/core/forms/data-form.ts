/**
 * Returns the data that a user starts an instance with as a form for clients: JSON Schema (draft 7) that every form library understands, JSON Forms
 * controls, and initial values. Labels, help and titles of choices come from a form of the definition that uses the same property, if there is one.
 */
import { titleOf } from "../document/reader.js";
import type { Json, JsonObject } from "../model/json.js";
import type { Machine } from "../model/machine.js";
import { withDefaults } from "../schema/defaults.js";
import { asJsonObject } from "../model/values.js";
import type { CompiledSchema, SchemaNode } from "../model/schema.js";
import { askedProperties, requiredAtStart } from "./asked-data.js";
import { formsIn } from "./asked.js";
import type { FormField } from "../model/form.js";
import { shownSchema } from "./shown-schema.js";

export type DataForm = {
  /** Schema of the data. */
  readonly schema: JsonObject;
  /** Controls by property, in order. The scope of each control is that of the property in the schema of the data. */
  readonly controls: readonly { readonly name: string; readonly label: string; readonly options: JsonObject }[];
  /** The defaults that the server applies to omitted properties. */
  readonly data: JsonObject;
};

/** @param chosen names of properties, in order; empty: all */
export function dataForm(machine: Machine, chosen: readonly string[]): DataForm {
  return formOfProperties(machine.data, {
    asked: askedProperties(machine, chosen),
    required: requiredAtStart(machine),
    fieldOf: (name) => fieldOf(machine, name),
    isOpen: chosen.length === 0 && machine.data.root.additional !== false,
  });
}

type Asked = {
  /** Names of properties, in order. */
  readonly asked: readonly string[];
  readonly required: readonly string[];
  /** The form field that writes a property. */
  readonly fieldOf: (name: string) => FormField | null;
  /** Whether other properties are accepted, according to the schema. */
  readonly isOpen: boolean;
};

/** Returns a form for properties of a schema. */
export function formOfProperties(
  { root, source }: Pick<CompiledSchema, "root" | "source">,
  { asked: names, required, fieldOf, isOpen }: Asked,
): DataForm {
  const declared = asJsonObject(source["properties"]) ?? {};
  const asked = names.flatMap((name) => {
    const node = root.properties.get(name);
    return node ? [{ name, node, written: asJsonObject(declared[name]) ?? {}, field: fieldOf(name) }] : [];
  });
  const fields = asked.map(({ name, node, written, field }) => {
    const label = titleOfProperty(name, written, field);
    const schema: JsonObject = { title: label, ...helpOf(written, field), ...shownSchema(node, written, choicesOf(field)) };
    return { name, label, schema, options: field?.hints ?? hintsOf(node) };
  });
  const unasked = isOpen ? [...root.properties.keys()].filter((name) => asked.every((one) => one.name !== name)) : [];
  return {
    schema: {
      type: "object",
      properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
      ...(required.length > 0 && { required: [...required] }),
      // If any other property is accepted, those that the definition sets itself are not.
      ...(unasked.length > 0 && { propertyNames: { not: { enum: unasked } } }),
      additionalProperties: isOpen ? additionalOf(root.additional, source) : false,
    },
    controls: fields.map(({ name, label, options }) => ({ name, label, options })),
    data: defaultsOf(root, new Set(asked.map(({ name }) => name))),
  };
}

const additionalOf = (additional: boolean | SchemaNode, source: JsonObject): Json =>
  typeof additional === "boolean" ? additional : shownSchema(additional, asJsonObject(source["additionalProperties"]) ?? {}, null, false);

/** Returns the form field that writes the property. */
export function fieldOf(machine: Machine, name: string): FormField | null {
  return (
    formsIn(machine)
      .flatMap(({ fields }) => fields)
      .find((field) => field.isOfData && field.name === name) ?? null
  );
}

const titleOfProperty = (name: string, { title }: JsonObject, field: FormField | null): string =>
  typeof title === "string" ? title : (field?.label ?? titleOf(name));

function helpOf(written: JsonObject, field: FormField | null): JsonObject {
  const description = written["description"] ?? field?.schema["description"];
  return typeof description === "string" ? { description } : {};
}

/** Titles of choices by value. */
export function choicesOf(field: FormField | null): ReadonlyMap<Json, string> | null {
  const items = asJsonObject(field?.schema["items"]) ?? {};
  const choices = field?.schema["oneOf"] ?? items["oneOf"];
  if (!Array.isArray(choices)) return null;
  return new Map(choices.flatMap((choice: Json): [Json, string][] => titled(asJsonObject(choice) ?? {})));
}

function titled({ const: value, title }: JsonObject): [Json, string][] {
  return value !== undefined && typeof title === "string" ? [[value, title]] : [];
}

/** A text that can be longer than this has a multi-line input. */
const ONE_LINE_CHARS = 255;

function hintsOf(node: SchemaNode): JsonObject {
  const types = [...(node.types ?? [])].filter((type) => type !== "null");
  const [type] = types;
  if (types.length !== 1 || type === undefined) return {};
  if (node.enum) return { fieldType: "choice" };
  if (type === "array")
    return node.items?.enum ? { fieldType: "multiChoice" } : node.items?.types?.has("object") ? { fieldType: "table" } : {};
  if (type === "boolean") return { fieldType: "boolean" };
  if (type === "number" || type === "integer")
    return { fieldType: "number", ...(node.multipleOf !== null && !Number.isInteger(node.multipleOf) && { step: node.multipleOf }) };
  if (type !== "string") return {};
  if (node.format === "date" || node.format === "date-time") return { fieldType: "date" };
  return { fieldType: "text", ...(node.format === null && (node.maxLength ?? 0) > ONE_LINE_CHARS && { multi: true }) };
}

const defaultsOf = (root: SchemaNode, asked: ReadonlySet<string>): JsonObject =>
  Object.fromEntries(Object.entries(withDefaults(root, {})).filter(([name]) => asked.has(name)));
