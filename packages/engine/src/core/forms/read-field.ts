/** Reads a field of a form, except for its conditions, which can be checked only after all fields are known. */
import { NAME, readFlag, readObject, readText, titleOf, valueOr, type Reading, type Source } from "../document/reader.js";
import type { Json, JsonObject } from "../model/json.js";
import { didYouMean, problemList, quote, type Path } from "../model/problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import { validateData } from "../schema/validate.js";
import { notEmpty, readFieldType, rowCounts, TYPE_KEYS, type FieldReader, type FieldSpec } from "./field-types.js";
import { FIELD_TYPES, MAX_COLUMNS, type FieldType, type FormField } from "../model/form.js";

const FIELD_KEYS = ["type", "label", "help", "required", "default", "defaultFrom", "visible", "in"];
const COLUMN_KEYS = ["type", "label", "help", "required", "default"];

/** A field as written, with the schema of the values that it accepts. */
export type ReadField = {
  readonly name: string;
  readonly type: FieldType;
  readonly label: string;
  readonly base: JsonObject;
  readonly schema: JsonObject;
  readonly hints: JsonObject;
  readonly isRequired: boolean;
  readonly default: Json | undefined;
  readonly references: FormField["references"];
  readonly source: Source;
  readonly path: Path;
};

/** Reads the fields at `path` by name, in order. Stops after `max`. */
export function readFields(reading: Reading, value: unknown, path: Path, options: { max: number; isTable: boolean }): readonly ReadField[] {
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, path, null) ?? {});
  if (entries.length === 0)
    problems.add(path, "MISSING", `There are no ${options.isTable ? "columns" : "fields"}. Add one, for example note: { type: text }.`);
  if (entries.length > options.max) problems.add(path, "TOO_LARGE", `There are ${entries.length} entries; the maximum is ${options.max}.`);
  return entries.slice(0, options.max).flatMap(([name, body]) => {
    const where = [...path, name];
    if (NAME.test(name)) return readField(reading, name, body, { path: where, isColumn: options.isTable }) ?? [];
    problems.add(where, "BAD_VALUE", `${quote(name)} is not a valid field name. Names look like invoiceNumber.`);
    return [];
  });
}

type Place = { readonly path: Path; readonly isColumn: boolean };

function readField(reading: Reading, name: string, value: unknown, { path, isColumn }: Place): ReadField | null {
  const { problems } = reading;
  const any = readObject(problems, value, path, null);
  if (!any) return null;
  const types: readonly FieldType[] = isColumn ? FIELD_TYPES.filter((one) => one !== "table") : FIELD_TYPES;
  const type = types.find((one) => one === any["type"]);
  if (!type) {
    const given = any["type"];
    if (given === undefined) problems.add([...path, "type"], "MISSING", `The key "type" is missing. Use one of ${types.join(", ")}.`);
    else
      problems.add(
        [...path, "type"],
        "BAD_VALUE",
        `There is no type ${quote(given)}.${typeof given === "string" ? didYouMean(given, types) : ""}`,
      );
    return null;
  }
  const source = readObject(problems, value, path, [...(isColumn ? COLUMN_KEYS : FIELD_KEYS), ...TYPE_KEYS[type]]);
  if (!source) return null;
  const found = problems.problems.length;
  const label = readText(problems, source, "label", path, { maxChars: 200 }) ?? titleOf(name);
  const help = readText(problems, source, "help", path, { maxChars: 500 });
  const isRequired = isColumn ? readFlag(problems, source, "required", path) : source["required"] === true;
  const { spec, references } = readSpec(reading, { problems, source, path }, type);
  const needed = isRequired && source["visible"] === undefined ? { ...spec.base, ...atLeastOne(type, spec.base) } : spec.base;
  if (problems.problems.length === found && !checkPattern(reading, needed, path)) return null;
  const standard = problems.problems.length === found ? readDefault(reading, { name, base: spec.base, source, path }) : undefined;
  return {
    name,
    type,
    label,
    base: needed,
    schema: shown({
      title: label,
      ...(help !== null && { description: help }),
      ...needed,
      ...spec.shown,
      ...(standard !== undefined && { default: standard }),
    }),
    hints: { fieldType: type, ...spec.hints },
    isRequired,
    default: standard,
    references,
    source,
    path,
  };
}

/** What `required` adds to the schema of a value: an empty answer does not count. */
export function atLeastOne(type: FieldType, base: JsonObject): JsonObject {
  const added = Object.entries(notEmpty[type] ?? (base["type"] === "array" ? { minItems: 1 } : {}));
  return Object.fromEntries(added.filter(([key]) => !(Number(base[key]) >= 1)));
}

const shown = (schema: { readonly [key: string]: Json }): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== null));

function readSpec(reading: Reading, reader: FieldReader, type: FieldType): { spec: FieldSpec; references: FormField["references"] } {
  if (type !== "table") {
    const spec = readFieldType(reader, type);
    return { spec, references: spec.reference ? [{ column: null, ...spec.reference }] : [] };
  }
  const where = [...reader.path, "columns"];
  const columns = readFields(reading, valueOr(reader.source, "columns", {}), where, { max: MAX_COLUMNS, isTable: true });
  const rowOf = (part: "base" | "schema"): JsonObject => ({
    type: "object",
    required: columns.filter(({ isRequired }) => isRequired).map(({ name }) => name),
    additionalProperties: false,
    properties: Object.fromEntries(columns.map((column) => [column.name, column[part]])),
  });
  return {
    spec: {
      base: { type: "array", ...rowCounts(reader), items: rowOf("base") },
      shown: { items: rowOf("schema") },
      hints: { columns: Object.fromEntries(columns.map(({ name, hints }) => [name, hints])) },
    },
    references: columns.flatMap(({ name, references }) => references.map((one) => ({ ...one, column: name }))),
  };
}

/** The pattern of a text is the only key that the reader of its type has not checked yet. */
function checkPattern({ problems }: Reading, base: JsonObject, path: Path): boolean {
  const found = problemList();
  if (compileObjectSchema({ properties: { field: base } }, [], found)) return true;
  const [first] = found.problems;
  problems.add([...path, "pattern"], "BAD_SCHEMA", first?.message ?? "The field cannot be checked.");
  return false;
}

function readDefault({ problems }: Reading, field: { name: string; base: JsonObject; source: Source; path: Path }): Json | undefined {
  const value = field.source["default"];
  if (value === undefined) return undefined;
  const schema = compileObjectSchema({ properties: { [field.name]: field.base } }, [], problemList());
  const [wrong] = schema ? validateData(schema, { [field.name]: value }, "default") : [];
  if (wrong) problems.add([...field.path, "default"], "BAD_VALUE", wrong.message);
  return value as Json;
}
