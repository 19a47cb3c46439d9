/** Conditions on values whose type is known only at runtime: data of instances and custom fields. */
import { and, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import { BadUserInput } from "@weft/shared/errors";
import { escapeLike, maxListed } from "./conditions.js";
import { indexedText, MAX_INDEXED_CHARS } from "./indexed-text.js";

/** Where the values are. Booleans are the texts `true` and `false`. */
export interface ValueColumns {
  readonly text: ValueColumn;
  readonly number: ValueColumn;
}

interface ValueColumn {
  readonly column: AnyColumn;
  readonly cast: "text" | "numeric" | "double precision";
  /** Condition of the rows that have a value of this type. */
  readonly isSet: SQL;
}

/**
 * Returns the condition that all operators match. A value whose type differs from the operand does not match. `isNull` is left to the caller.
 * @param path of the condition, for example `filter.data.0`
 * @throws BadUserInput if an operand is malformed
 */
export const matchesValue = (columns: ValueColumns, operators: Readonly<Record<string, unknown>>, path: string): SQL | undefined =>
  and(
    ...Object.entries(operators).flatMap(([operator, operand]) =>
      operand === undefined || operator === "isNull" ? [] : [matching(columns, operator, operand, `${path}.${operator}`)],
    ),
  );

/**
 * Checks the operators of a condition, and returns whether it asks for objects without a value.
 * @throws BadUserInput if there is none, or `isNull: true` is combined with others
 */
export function asksForNone(operators: Readonly<Record<string, unknown>>, path: string): boolean {
  const given = Object.values(operators).filter((operand) => operand !== undefined);
  if (given.length === 0) throw refused(path, "Specify a condition for the field. Example: eq: 5.");
  const wantsNone = operators["isNull"] === true;
  if (wantsNone && given.length > 1) throw refused(`${path}.isNull`, "isNull: true cannot be combined with other operators.");
  return wantsNone;
}

const comparisons: ReadonlyMap<string, SQL> = new Map([
  ["eq", sql`=`],
  ["ne", sql`<>`],
  ["gt", sql`>`],
  ["gte", sql`>=`],
  ["lt", sql`<`],
  ["lte", sql`<=`],
]);

function matching(columns: ValueColumns, operator: string, operand: unknown, path: string): SQL {
  if (operand === null) throw refused(path, "A value cannot be compared with null. Use isNull or omit the operator.");
  if (operator === "startsWith" || operator === "contains") {
    const text = operand as string;
    if (text.length > MAX_INDEXED_CHARS) throw refused(path, `The maximum is ${MAX_INDEXED_CHARS} characters.`);
    const { column, isSet } = columns.text;
    const found = operator === "contains" ? sql`${column} ilike ${`%${escapeLike(text)}%`}` : sql`starts_with(${column}, ${text})`;
    return sql`${isSet} and ${found}`;
  }
  if (operator === "in") return isOneOf(columns, operand as readonly unknown[], path);
  const sign = comparisons.get(operator);
  if (!sign) throw new Error(`${path}: unknown operator ${operator}`);
  if (typeof operand === "boolean" && operator !== "eq" && operator !== "ne")
    throw refused(path, "Booleans cannot be ordered. Use eq or ne.");
  const { column, cast, isSet } = columns[kindOf(operand, path)];
  return sql`${isSet} and ${column} ${sign} ${storedText(operand)}::${sql.raw(cast)}`;
}

function isOneOf(columns: ValueColumns, values: readonly unknown[], path: string): SQL {
  if (values.length > maxListed) throw refused(path, `${values.length} values were passed; the maximum is ${maxListed}.`);
  const [first] = values;
  if (first === undefined) return sql`false`;
  const kind = kindOf(first, `${path}.0`);
  for (const [at, value] of values.entries())
    if (kindOf(value, `${path}.${at}`) !== kind)
      throw refused(`${path}.${at}`, "The values have different types. All values must have the type of the field.");
  const { column, cast, isSet } = columns[kind];
  // The driver supports arrays of strings, but not of numbers.
  return sql`${isSet} and ${column} = any(${sql.param(values.map(storedText))}::text[]::${sql.raw(cast)}[])`;
}

function kindOf(value: unknown, path: string): keyof ValueColumns {
  if (typeof value === "number") return "number";
  if (typeof value === "string" || typeof value === "boolean") return "text";
  throw refused(path, "Expected a string, a number or a Boolean.");
}

const storedText = (value: unknown): string => (typeof value === "string" ? indexedText(value) : String(value));

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
