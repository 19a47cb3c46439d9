import { pathText } from "../model/condition.js";
import { didYouMean, quote, type Path } from "../model/problems.js";
import type { InputProblem } from "../model/rejection.js";
import { FORMAT_CHECKS } from "./formats.js";
import { canonicalText, checkJson, isObject, jsonEqual } from "../model/values.js";
import type { CompiledSchema, LinearPattern, SchemaNode, SchemaType } from "../model/schema.js";

/** More problems would not be useful. */
const MAX_VALUE_PROBLEMS = 50;

/** Maximum number of pattern steps for one value, about a quarter of a second: 256 K characters against an expression of size 20. */
const MAX_PATTERN_STEPS = 5_000_000;

type Report = { patternSteps: number; add(path: Path, message: string): void };

/**
 * Returns every problem of a value against its schema, each with its path, which begins with `root` (`data.estimate`). Empty: it is valid. The value
 * is first checked to be storable JSON within the limits, so that hostile values are rejected there.
 */
export function validateData(schema: Pick<CompiledSchema, "root">, value: unknown, root = "data"): InputProblem[] {
  const unfit = checkJson(value, root);
  if (unfit.length > 0) return unfit;
  const problems: InputProblem[] = [];
  const report: Report = {
    patternSteps: 0,
    add: (path, message) => {
      if (problems.length < MAX_VALUE_PROBLEMS) problems.push({ path: pathText(path), message });
    },
  };
  validate(schema.root, value, [root], report);
  return problems;
}

function validate(node: SchemaNode, value: unknown, path: Path, report: Report): void {
  if (node.types && !hasType(value, node.types)) {
    report.add(path, `Expected ${[...node.types].map(typeName).join(" or ")}, found ${value === null ? "null" : quote(value)}.`);
    return;
  }
  if (node.enum && !node.enum.some((one) => jsonEqual(one, value))) {
    const texts = node.enum.filter((one) => typeof one === "string");
    const hint = typeof value === "string" ? didYouMean(value, texts) : "";
    report.add(path, `${quote(value)} is not one of the allowed values.${hint || ` Allowed values: ${quote(node.enum)}.`}`);
  }
  if (node.const && !jsonEqual(node.const.value, value))
    report.add(path, `The value must be ${quote(node.const.value)}, found ${quote(value)}.`);
  if (typeof value === "string") validateText(node, value, path, report);
  else if (typeof value === "number") validateNumber(node, value, path, report);
  else if (Array.isArray(value)) validateList(node, value, path, report);
  else if (isObject(value)) validateObject(node, value, path, report);
}

function validateText(node: SchemaNode, value: string, path: Path, report: Report): void {
  // UTF-16 units are an upper bound of characters: count characters only where it matters.
  const length =
    value.length > (node.maxLength ?? Infinity) || value.length < (node.minLength ?? 0) * 2 ? Array.from(value).length : value.length;
  if (node.maxLength !== null && length > node.maxLength)
    report.add(path, `The text has ${length} characters; the maximum is ${node.maxLength}.`);
  if (node.minLength !== null && length < node.minLength)
    report.add(path, `The text has ${length} characters; the minimum is ${node.minLength}.`);
  if (node.pattern) validatePattern(node.pattern, value, path, report);
  if (node.format && !FORMAT_CHECKS[node.format].test(value)) {
    report.add(path, `${quote(value)} is not a valid ${node.format}. Example: ${quote(FORMAT_CHECKS[node.format].example)}.`);
  }
}

function validatePattern(pattern: LinearPattern, value: string, path: Path, report: Report): void {
  report.patternSteps += pattern.size * value.length;
  if (report.patternSteps > MAX_PATTERN_STEPS) report.add(path, "There is too much text to check against patterns.");
  else if (!pattern.test(value)) report.add(path, `${quote(value)} does not match the pattern ${quote(pattern.source)}.`);
}

function validateNumber(node: SchemaNode, value: number, path: Path, report: Report): void {
  if (node.minimum !== null && value < node.minimum) report.add(path, `${value} is less than the minimum, ${node.minimum}.`);
  if (node.maximum !== null && value > node.maximum) report.add(path, `${value} is greater than the maximum, ${node.maximum}.`);
  if (node.exclusiveMinimum !== null && value <= node.exclusiveMinimum)
    report.add(path, `${value} is not greater than ${node.exclusiveMinimum}.`);
  if (node.exclusiveMaximum !== null && value >= node.exclusiveMaximum)
    report.add(path, `${value} is not less than ${node.exclusiveMaximum}.`);
  if (node.multipleOf !== null) {
    // 0.3 / 0.1 is 2.9999999999999996, but prices are multiples of 0.01.
    const quotient = value / node.multipleOf;
    if (Math.abs(quotient - Math.round(quotient)) > 1e-9 * Math.max(1, Math.abs(quotient))) {
      report.add(path, `${value} is not a multiple of ${node.multipleOf}.`);
    }
  }
}

function validateList(node: SchemaNode, value: readonly unknown[], path: Path, report: Report): void {
  if (node.maxItems !== null && value.length > node.maxItems)
    report.add(path, `The list has ${value.length} items; the maximum is ${node.maxItems}.`);
  if (node.minItems !== null && value.length < node.minItems)
    report.add(path, `The list has ${value.length} items; the minimum is ${node.minItems}.`);
  if (node.uniqueItems && new Set(value.map(canonicalText)).size < value.length) report.add(path, "The items of the list must be unique.");
  if (node.items) for (const [index, item] of value.entries()) validate(node.items, item, [...path, index], report);
}

function validateObject(node: SchemaNode, value: { readonly [key: string]: unknown }, path: Path, report: Report): void {
  for (const name of node.required) if (!Object.hasOwn(value, name)) report.add([...path, name], `${quote(name)} is required.`);
  for (const [name, child] of Object.entries(value)) {
    const property = node.properties.get(name);
    if (property) validate(property, child, [...path, name], report);
    else if (node.additional === false)
      report.add([...path, name], `There is no property ${quote(name)}.${didYouMean(name, node.properties.keys())}`);
    else if (node.additional !== true) validate(node.additional, child, [...path, name], report);
  }
}

function hasType(value: unknown, types: ReadonlySet<SchemaType>): boolean {
  if (value === null) return types.has("null");
  if (Array.isArray(value)) return types.has("array");
  if (typeof value === "number") return types.has("number") || (types.has("integer") && Number.isInteger(value));
  const type = typeof value;
  return (type === "string" || type === "boolean" || type === "object") && types.has(type);
}

const TYPE_NAMES: { readonly [T in SchemaType]: string } = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

export function typeName(type: SchemaType): string {
  return TYPE_NAMES[type];
}
