import { quote } from "@weft/shared/errors";
import { escapeLike } from "@weft/api/filters";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { ScimRefusal } from "../protocol/scim-refusal.js";
import type { AttributePath, Comparison, Filter } from "./filter.js";

/**
 * What an attribute is in the database. `text` ignores case, `exact` does not. `id`: a function that returns the UUID of an ID, or null if it is none.
 * `rows`: a condition that is true if one of several rows has the ID. `list`: values with parts.
 */
export type FilterColumn =
  | SingleColumn
  | { readonly kind: "rows"; readonly has: (uuid: string) => SQL; readonly uuidOf: (text: string) => string | null }
  | ListColumn;

type SingleColumn =
  | TextColumn
  | { readonly kind: "time" | "boolean"; readonly column: SQL }
  | { readonly kind: "id"; readonly column: SQL; readonly uuidOf: (text: string) => string | null };

/** Several values, of which one must meet the conditions that are in one pair of brackets. */
export interface ListColumn {
  readonly kind: "list";
  /** Returns a condition that is true if it is true for one of the values, whose parts are given, keyed by their names in lower case. */
  readonly some: (condition: (parts: Parts) => SQL) => SQL;
}

export type Parts = Readonly<Record<string, SingleColumn>>;

interface TextColumn {
  readonly kind: "text" | "exact";
  readonly column: SQL;
  /** Returns a condition that an index answers, and that is true for all rows with the value. Undefined if there is none. */
  readonly near?: ((value: string) => SQL | undefined) | undefined;
}

export interface FilterColumns {
  /** URN of the schema, in lower case. */
  readonly schema: string;
  /** Keyed by the names of attributes and sub-attributes in lower case, such as `name.givenname`. */
  readonly columns: Readonly<Record<string, FilterColumn>>;
}

/** Returns the condition on a row. Values become parameters. @throws ScimRefusal (invalidFilter) for attributes and comparisons that are not supported */
export function filterSql(filter: Filter, of: FilterColumns, prefix = ""): SQL {
  switch (filter.op) {
    case "and":
      return sql`(${filterSql(filter.left, of, prefix)} and ${filterSql(filter.right, of, prefix)})`;
    case "or":
      return sql`(${filterSql(filter.left, of, prefix)} or ${filterSql(filter.right, of, prefix)})`;
    case "not":
      // A comparison with an absent value is false, and its opposite true.
      return sql`(${filterSql(filter.filter, of, prefix)}) is not true`;
    case "has": {
      if (prefix !== "" || filter.path.sub !== null) throw refusal("Brackets cannot be nested.");
      const list = listOf(filter.path, of);
      // Weft has one value of any other attribute, so several conditions are about the same value.
      if (!list) return filterSql(filter.filter, of, `${filter.path.attribute}.`);
      return list.some((parts) => filterSql(filter.filter, partsOf(filter.path, parts), `${filter.path.attribute}.`));
    }
    case "present":
    case "compare": {
      const list = prefix === "" ? listOf(filter.path, of) : undefined;
      if (!list) return condition(filter, columnOf(filter.path, of, prefix));
      // Without a part, the value.
      const path = { ...filter.path, sub: filter.path.sub ?? "value" };
      return list.some((parts) => condition(filter, columnOf(path, partsOf(path, parts), "")));
    }
  }
}

function condition(filter: Extract<Filter, { op: "present" | "compare" }>, named: Named): SQL {
  if (filter.op === "compare") return comparison(filter, named);
  return sql`${single(named).column} is not null`;
}

function listOf({ schema, attribute }: AttributePath, { schema: own, columns }: FilterColumns): ListColumn | undefined {
  const found = (schema === null || schema === own) && Object.hasOwn(columns, attribute) ? columns[attribute] : undefined;
  return found?.kind === "list" ? found : undefined;
}

/** The parts of a list, keyed like attributes: `emails.value`. */
const partsOf = ({ schema, attribute }: AttributePath, parts: Parts): FilterColumns => ({
  schema: schema ?? "",
  columns: Object.fromEntries(Object.entries(parts).map(([name, part]) => [`${attribute}.${name}`, part])),
});

interface Named {
  readonly name: string;
  readonly found: FilterColumn;
}

function columnOf({ schema, attribute, sub }: Comparison["path"], { schema: own, columns }: FilterColumns, prefix: string): Named {
  const name = `${prefix}${attribute}${sub === null ? "" : `.${sub}`}`;
  const found = schema === null || schema === own ? (Object.hasOwn(columns, name) ? columns[name] : undefined) : undefined;
  if (!found) throw refusal(`${quote(name)} cannot be filtered by. Use ${Object.keys(columns).join(", ")}.`);
  return { name, found };
}

function single({ name, found }: Named): SingleColumn {
  if (found.kind === "rows") throw refusal(`${quote(name)} can only be compared with eq.`);
  if (found.kind === "list") throw refusal(`${quote(name)} can only be compared by its parts.`);
  return found;
}

function comparison({ operator: op, value }: Comparison, { name, found }: Named): SQL {
  if (found.kind === "rows" || found.kind === "id") {
    if ((op !== "eq" && op !== "ne") || typeof value !== "string") throw refusal(`${quote(name)} can only be compared with eq and an ID.`);
    const uuid = found.uuidOf(value);
    // An ID of another type matches nothing.
    const isEqual = uuid === null ? sql`false` : found.kind === "rows" ? found.has(uuid) : sql`${found.column} = ${uuid}::uuid`;
    return op === "eq" ? isEqual : sql`not ${isEqual}`;
  }
  if (found.kind === "list") throw refusal(`${quote(name)} can only be compared by its parts.`);
  const { column } = found;
  if (value === null && (op === "eq" || op === "ne")) return op === "eq" ? sql`${column} is null` : sql`${column} is not null`;
  switch (found.kind) {
    case "boolean": {
      const text = String(value).toLowerCase();
      if ((op !== "eq" && op !== "ne") || (text !== "true" && text !== "false"))
        throw refusal(`${quote(name)} can only be compared with true and false.`);
      return sql`${column} = ${(text === "true") === (op === "eq")}`;
    }
    case "time": {
      const at = typeof value === "string" ? new Date(value) : new Date(Number.NaN);
      if (Number.isNaN(at.getTime()) || op === "co" || op === "sw" || op === "ew")
        throw refusal(`${quote(name)} can only be compared with a time, such as "2026-01-31T08:00:00Z".`);
      return sql`date_trunc('milliseconds', ${column}) ${sql.raw(signs[op])} ${at.toISOString()}::timestamptz`;
    }
    case "text":
    case "exact":
      if (typeof value !== "string") throw refusal(`${quote(name)} can only be compared with a text in double quotes.`);
      return textComparison(op, value, found);
  }
}

const signs = { eq: "=", ne: "is distinct from", gt: ">", ge: ">=", lt: "<", le: "<=" } as const;

function textComparison(op: Comparison["operator"], value: string, { kind, column, near }: TextColumn): SQL {
  const folded = (text: SQL): SQL => (kind === "text" ? sql`lower(${text})` : text);
  const left = folded(column);
  switch (op) {
    case "co":
      return sql`${left} like ${folded(sql`${`%${escapeLike(value)}%`}::text`)}`;
    case "sw":
      return sql`${left} like ${folded(sql`${`${escapeLike(value)}%`}::text`)}`;
    case "ew":
      return sql`${left} like ${folded(sql`${`%${escapeLike(value)}`}::text`)}`;
    case "eq": {
      const isEqual = sql`${left} = ${folded(sql`${value}::text`)}`;
      const isNear = near?.(value);
      return isNear === undefined ? isEqual : sql`(${isNear} and ${isEqual})`;
    }
    case "ne":
    case "gt":
    case "ge":
    case "lt":
    case "le":
      return sql`${left} ${sql.raw(signs[op])} ${folded(sql`${value}::text`)}`;
  }
}

const refusal = (reason: string): ScimRefusal => new ScimRefusal(400, `The filter is not supported. ${reason}`, "invalidFilter");
