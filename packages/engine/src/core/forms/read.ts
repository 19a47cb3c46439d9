/**
 * Forms: reads the forms of a definition (`forms` by name, and `form` where input is asked for), delivers them, and validates the answers.
 * A form never accepts data that the schema of the definition refuses.
 * This module never checks whether a user or an asset in an answer exists: the store does.
 */
import { pathProblem } from "../conditions/check.js";
import { pathsOf } from "../conditions/paths.js";
import { readWrittenCondition } from "../conditions/read.js";
import type { Condition, Operand } from "../model/condition.js";
import { names, type Scope } from "../conditions/value-types.js";
import { NAME, readObject, readText, valueOr, type Reading } from "../document/reader.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import { compileObjectSchema } from "../schema/compile.js";
import { isObject } from "../model/values.js";
import type { CompiledSchema } from "../model/schema.js";
import { MAX_CHECKS, MAX_FIELDS, MAX_FORMS, type Form, type FormCheck, type FormField } from "../model/form.js";
import { readFields, type ReadField } from "./read-field.js";

const FORM_KEYS = ["title", "description", "fields", "checks"];

/** Forms by name; null: the form exists, but has problems. */
export type NamedForms = ReadonlyMap<string, Form | null>;

export function readForms(reading: Omit<Reading, "forms">, value: unknown): NamedForms {
  const forms = new Map<string, Form | null>();
  if (value === undefined) return forms;
  const { problems } = reading;
  const entries = Object.entries(readObject(problems, value, ["forms"], null) ?? {});
  if (entries.length > MAX_FORMS) problems.add(["forms"], "TOO_LARGE", `There are ${entries.length} forms; the maximum is ${MAX_FORMS}.`);
  for (const [name, body] of entries.slice(0, MAX_FORMS)) {
    if (problems.isFull()) break;
    const path = ["forms", name];
    if (NAME.test(name)) forms.set(name, readForm({ ...reading, forms }, name, body, path));
    else problems.add(path, "BAD_VALUE", `${quote(name)} is not a valid form name. Names look like creditCheck.`);
  }
  return forms;
}

/** Forms without problems. */
export const soundForms = (forms: NamedForms): ReadonlyMap<string, Form> =>
  new Map([...forms].flatMap(([name, form]) => (form ? [[name, form]] : [])));

/** Reads `form:` of a transition or a task: the name of one of the `forms`, or an inline form, which is then named after its place. */
export function readFormOf(reading: Reading, value: unknown, path: Path, place: string): Form | null {
  if (value === undefined) return null;
  if (typeof value !== "string") return readForm(reading, place, value, path);
  const form = reading.forms.get(value);
  if (form === undefined)
    reading.problems.add(path, "UNKNOWN_FORM", `There is no form ${quote(value)}.${didYouMean(value, reading.forms.keys())}`);
  return form ?? null;
}

function readForm(reading: Reading, name: string, value: unknown, path: Path): Form | null {
  const { problems } = reading;
  const source = readObject(problems, value, path, FORM_KEYS);
  if (!source) return null;
  const before = problems.problems.length;
  const title = readText(problems, source, "title", path, { maxChars: 200 });
  const description = readText(problems, source, "description", path, { maxChars: 2000 });
  const read = readFields(reading, valueOr(source, "fields", {}), [...path, "fields"], { max: MAX_FIELDS, isTable: false });
  if (problems.problems.length > before) return null;
  const schema = compileObjectSchema(schemaOf(read), path, problems);
  if (!schema) return null;
  const fields = read.map((field, index) => readRules(reading, field, { schema, above: read.slice(0, index).map((one) => one.name) }));
  const checks = readChecks(reading, source["checks"], [...path, "checks"], schema);
  return problems.problems.length > before ? null : { name, title, description, fields, checks, schema };
}

function schemaOf(fields: readonly ReadField[]): object {
  const required = fields.filter(({ isRequired, source }) => isRequired && source["visible"] === undefined).map(({ name }) => name);
  const properties = Object.fromEntries(fields.map(({ name, label, base }) => [name, { title: label, ...base }]));
  return { type: "object", ...(required.length > 0 && { required }), additionalProperties: false, properties };
}

type Around = { readonly schema: CompiledSchema; readonly above: readonly string[] };

function readRules(reading: Reading, field: ReadField, { schema, above }: Around): FormField {
  const { problems, data } = reading;
  const { name, type, label, schema: shown, hints, references, source, path } = field;
  const { required, visible, in: place, defaultFrom } = source;
  const condition = (key: string, value: unknown): Condition | null => readCondition(reading, value, [...path, key], { schema, above });
  if (place !== undefined && place !== "data") problems.add([...path, "in"], "BAD_VALUE", `in must be data, not ${quote(place)}.`);
  if (place === "data") checkPlace(reading, field);
  checkKind(reading, field, schema);
  const from = readFrom(reading, defaultFrom, [...path, "defaultFrom"]);
  if (place === "data" && defaultFrom !== undefined)
    problems.add([...path, "defaultFrom"], "BAD_VALUE", "A field with in: data takes its initial value from the data. Omit defaultFrom.");
  return {
    name,
    type,
    label,
    schema: shown,
    hints,
    required:
      typeof required === "string" || isObject(required)
        ? (condition("required", required) ?? false)
        : readRequired(reading, required, path),
    visible: visible === undefined ? true : (condition("visible", visible) ?? true),
    default: field.default,
    defaultFrom: place === "data" && data ? ["data", name] : from,
    isOfData: place === "data",
    references,
  };
}

function readRequired({ problems }: Reading, value: unknown, path: Path): boolean {
  if (value === undefined || typeof value === "boolean") return value === true;
  problems.add(
    [...path, "required"],
    "WRONG_TYPE",
    `Expected true, false or a condition such as "input.score < 600", found ${quote(value)}.`,
  );
  return false;
}

/** Answers are written back to the data, so the data must have the property. */
function checkPlace({ problems, data }: Reading, { name, path }: ReadField): void {
  if (!data) return;
  const where = [...path, "in"];
  if (!data.root.properties.has(name)) {
    problems.add(
      where,
      "UNKNOWN_PATH",
      `The data has no property ${quote(name)}. Declare it under data, or omit in: data.${didYouMean(name, data.root.properties.keys())}`,
    );
  }
}

/** Answers are written to the property of the same name in the data, so the types must match. Otherwise nobody could ever answer. */
function checkKind({ problems, data }: Reading, { name, path, source }: ReadField, schema: CompiledSchema): void {
  const [taken, kept] = [schema.root.properties.get(name)?.types, data?.root.properties.get(name)?.types];
  if (!taken || !kept || [...taken].some((type) => kept.has(type) || (type === "integer" && kept.has("number")))) return;
  problems.add(
    [...path, source["in"] === "data" ? "in" : "type"],
    "BAD_VALUE",
    `The field is ${names(taken)}, but its answer is written to data.${name}, which is ${names(kept)}. Use the same type, or rename the field.`,
  );
}

const PATH = /^[A-Za-z_][A-Za-z0-9_-]*(\.[A-Za-z_][A-Za-z0-9_-]*){0,15}$/;

function readFrom({ problems, data }: Reading, value: unknown, path: Path): readonly string[] | null {
  if (value === undefined) return null;
  if (typeof value !== "string" || !PATH.test(value)) {
    problems.add(path, "BAD_VALUE", `Expected a path such as data.summary or actor.id, found ${quote(value)}.`);
    return null;
  }
  const parts = value.split(".");
  const message =
    parts[0] === "input"
      ? "An initial value cannot read the input, which does not exist yet."
      : pathProblem(parts, { data, input: null, isAction: false });
  if (message !== null) problems.add(path, "UNKNOWN_PATH", message);
  return parts;
}

/** Reads a condition over the data and the fields above it, so fields never depend on each other in a cycle. */
function readCondition(
  { problems, data, transitionNames }: Reading,
  value: unknown,
  path: Path,
  { schema, above }: Around,
): Condition | null {
  const scope: Scope = { data, input: schema, isAction: false, hasTransition: true };
  const read = readWrittenCondition(problems, value, path, { scope, example: "input.score < 600" });
  if (!read?.isSound) return null;
  const { tree } = read;
  const unknown = transitionsIn(tree).find((name) => !transitionNames.has(name));
  if (unknown !== undefined)
    problems.add(path, "BAD_CONDITION", `There is no transition ${quote(unknown)}.${didYouMean(unknown, transitionNames)}`);
  for (const [root, name] of pathsOf(tree)) {
    if (root !== "input") continue;
    if (name === undefined) problems.add(path, "BAD_CONDITION", "Use a field of the input, for example input.score.");
    else if (!above.includes(name))
      problems.add(path, "BAD_CONDITION", `The condition reads input.${name}, which is not declared above this field.`);
  }
  return tree;
}

/** Returns the texts that a condition compares `transition` with. */
function transitionsIn(node: Condition | Operand): readonly string[] {
  if ("args" in node) return node.args.flatMap(transitionsIn);
  if ("arg" in node) return transitionsIn(node.arg);
  if ("if" in node) return [node.if, node.yes, node.no].flatMap(transitionsIn);
  if ("each" in node) return [node.each, "to" in node ? node.to : node.where].flatMap(transitionsIn);
  if (!("left" in node)) return [];
  const sides = [node.left, node.right];
  const isOfTransition = sides.some((side) => "path" in side && side.path[0] === "transition");
  const texts = isOfTransition
    ? sides.flatMap((side) => ("value" in side ? side.value : [])).filter((value) => typeof value === "string")
    : [];
  return [...texts, ...sides.flatMap(transitionsIn)];
}

function readChecks(reading: Reading, value: unknown, path: Path, schema: CompiledSchema): readonly FormCheck[] {
  if (value === undefined) return [];
  const { problems } = reading;
  if (!Array.isArray(value) || value.length > MAX_CHECKS) {
    problems.add(
      path,
      "WRONG_TYPE",
      `Expected a list of at most ${MAX_CHECKS} checks such as - { holds: "input.from <= input.to", message: …, field: to }.`,
    );
    return [];
  }
  const names = [...schema.root.properties.keys()];
  return value.flatMap((entry: unknown, index): FormCheck[] => {
    const where = [...path, index];
    const source = readObject(problems, entry, where, ["holds", "message", "field"]);
    if (!source) return [];
    const message = readText(problems, source, "message", where, {
      maxChars: 500,
      isRequired: true,
      like: "The end is before the beginning.",
    });
    const field = readText(problems, source, "field", where, { maxChars: 64 });
    if (field !== null && !names.includes(field))
      problems.add([...where, "field"], "BAD_VALUE", `There is no field ${quote(field)}.${didYouMean(field, names)}`);
    const holds = readCondition(reading, source["holds"], [...where, "holds"], { schema, above: names });
    return holds && message !== null ? [{ holds, message, field }] : [];
  });
}
