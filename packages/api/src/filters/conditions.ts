import { and, eq, gt, gte, ilike, inArray, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { decodeId, idPrefixes, type IdType, parseAnyId } from "@weft/shared/ids";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import { assertDay } from "../inputs/day.js";
import {
  BooleanFilter,
  DateFilter,
  DateTimeFilter,
  enumFilterClass,
  IdFilter,
  NumberFilter,
  SearchFilter,
  StringFilter,
  TagsFilter,
} from "./operators.js";
import type { OperatorClass } from "./operators.js";
import type { SearchContext } from "../search/search.js";
import { wordsOf } from "./words.js";

export const maxListed = 100;
const maxSearched = 200;
const maxWords = 8;
/** A filter field: its operator input, and the SQL of each operator. */
export interface FilterField {
  readonly input: OperatorClass;
  readonly description?: string;
  /**
   * Permission required to read the compared value. Without it the filter fails with FORBIDDEN; otherwise it would reveal what the field does not
   * show.
   */
  readonly permission?: Permission;
  /** Whether users of a vendor are refused in the same way, because the compared value is only for users of the organization. */
  readonly isForStaff?: true;
  /** Number of conditions that an operand counts as. Default: 1. */
  readonly weigh?: (operand: unknown) => number;
  /**
   * @param path of the operand, for example `filter.state.eq`
   * @param by the viewer, if the caller provides it, and the languages of the viewer's searches
   */
  condition(operator: string, operand: unknown, path: string, by?: SearchContext): SQL;
}

/** A list of conditions, each of which combines several members. All of them must be met. */
export interface ListFilterField {
  /** Input type of one condition. */
  readonly itemInput: OperatorClass;
  readonly description?: string;
  /**
   * @param path of the condition, for example `filter.data.0`
   * @param viewer the viewer, if the caller provides it
   */
  itemCondition(item: Readonly<Record<string, unknown>>, path: string, viewer?: Viewer): SQL;
}

/** A filter field that only viewers with the permission can use. */
export const onlyWith = (permission: Permission, field: FilterField): FilterField => ({ ...field, permission });

/** A filter field that users of a vendor cannot use. */
export const onlyStaff = (field: FilterField): FilterField => ({ ...field, isForStaff: true });

/** Conditions on a text column or expression. */
export const textField = (column: AnyColumn | SQL, description?: string): FilterField =>
  on(StringFilter, column, (value) => value, description);

/**
 * A search for rows that contain every word of the text. Each word is a separate condition, both in SQL and in the maximum number of conditions of a
 * filter.
 * @param contains returns the condition that a row contains the word: `wordIn(column)`, or one that can use an index
 */
export const searchField = (contains: (word: string) => SQL, description?: string): FilterField =>
  wordsField((words) => and(...words.map(contains)) ?? sql`true`, description);

/** As `searchField`, with one condition for all words. */
export const wordsField = (contain: (words: readonly string[], by?: SearchContext) => SQL, description?: string): FilterField => ({
  input: SearchFilter,
  ...(description !== undefined && { description }),
  weigh: (operand) => (typeof operand === "string" ? Math.max(1, wordsOf(operand.slice(0, maxSearched)).length) : 1),
  condition: (_operator, operand, path, by) => {
    const text = searched(operand, path);
    const words = wordsOf(text);
    if (words.length > maxWords) throw refused(path, `At most ${maxWords} words, not ${words.length}.`);
    // A blank text matches everything. A text that contains only punctuation matches nothing.
    if (words.length > 0) return contain(words, by);
    return text.trim() === "" ? sql`true` : sql`false`;
  },
});

/** Condition for `searchField`, for tables small enough to scan. */
export const wordIn =
  (column: AnyColumn | SQL) =>
  (word: string): SQL =>
    sql`${column} ilike ${`%${escapeLike(word)}%`}`;

/** Conditions that the caller writes in SQL. */
interface TagConditions {
  /** Returns the condition that an object has at least one of the tags, which are in lower case. */
  readonly hasAny: (tags: readonly string[]) => SQL;
  readonly isEmpty: SQL;
  /** @throws Forbidden if the viewer cannot see tags */
  readonly assertAllowed: (by: SearchContext | undefined, path: string) => void;
  readonly description: string;
}

/** Conditions on tags, which are stored in lower case and without spaces around them. */
export const tagsField = ({ hasAny, isEmpty, assertAllowed, description }: TagConditions): FilterField => ({
  input: TagsFilter,
  description,
  condition: (operator, operand, path, by) => {
    assertAllowed(by, path);
    if (operator === "isEmpty") return operand === true ? isEmpty : sql`(not ${isEmpty})`;
    const given = operator === "hasAny" ? listed(operand, path) : [operand];
    const tags = given.map((tag, at) =>
      searched(tag, operator === "hasAny" ? `${path}.${at}` : path)
        .trim()
        .toLowerCase(),
    );
    return tags.length > 0 ? hasAny(tags) : sql`false`;
  },
});

/** Conditions on an ID column. Operands are TypeIDs of the type. */
export const idField = (type: IdType, column: AnyColumn, description?: string): FilterField =>
  on(IdFilter, column, (value, path) => decodeId(type, String(value), path), description);

/** Conditions on a number column or expression. Operands for integer columns must be integers in their range. */
export const numberField = (column: AnyColumn | SQL, description?: string): FilterField =>
  on(NumberFilter, column, parseNumberFor(column), description);

const parseNumberFor = (column: AnyColumn | SQL): Parse => {
  const type = "columnType" in column ? column.columnType : null;
  return type === "PgInteger" ? integer : type === "PgBigInt53" ? safeInteger : (value) => value;
};

/** Conditions on a timestamptz column. */
export const timeField = (column: AnyColumn | SQL, description?: string): FilterField =>
  on(DateTimeFilter, column, (value) => value, description);

/** Conditions on a date column. */
export const dateField = (column: AnyColumn, description?: string): FilterField =>
  on(
    DateFilter,
    column,
    (value, path) => {
      assertDay(String(value), path);
      return value;
    },
    description,
  );

/** Conditions on an enum column. `values` is the registered enum. */
export const enumField = (name: string, values: object, column: AnyColumn | SQL, description?: string): FilterField =>
  on(enumFilterClass(name, values), column, (value) => value, description);

/**
 * A Boolean condition on any expression: `flagField(isNotNull(notifications.readAt))`.
 * @param isFalse the opposite, if it must be written differently so that it can use an index
 */
export const flagField = (isTrue: SQL, description?: string, isFalse = sql`(${isTrue}) is not true`): FilterField => ({
  input: BooleanFilter,
  ...(description !== undefined && { description }),
  condition: (_operator, operand) => (operand === true ? sql`(${isTrue}) is true` : isFalse),
});

/**
 * Conditions on IDs of several types, each with its column: `anyIdField({ user: assigneeUserId, team: assigneeTeamId })`.
 * @param permissions Permission required to compare IDs of a type. Without it the filter fails with FORBIDDEN; otherwise it would reveal what the field does
 * not show. Filters with permissions require the viewer.
 */
export function anyIdField(
  columns: Readonly<Partial<Record<IdType, AnyColumn>>>,
  description?: string,
  permissions: Readonly<Partial<Record<IdType, Permission>>> = {},
): FilterField {
  const all = Object.values(columns);
  const is = (operand: unknown, path: string, by: SearchContext | undefined): SQL => {
    const parsed = parseAnyId(operand);
    const column = parsed ? columns[parsed.type] : undefined;
    if (!parsed || !column)
      throw refused(
        path,
        `Expected an ID that starts with ${Object.keys(columns)
          .map((type) => `${idPrefixes[type as IdType]}_`)
          .join(" or ")}.`,
      );
    const permission = permissions[parsed.type];
    if (permission !== undefined && !(by && hasPermission(by.viewer, permission)))
      throw new Forbidden(`${path} requires the permission ${permission} for this ID.`);
    return eq(column, parsed.uuid);
  };
  return {
    input: IdFilter,
    ...(description !== undefined && { description }),
    condition: (operator, operand, path, by) => {
      if (operator === "isNull") {
        const none = sql.join(
          all.map((column) => isNull(column)),
          sql` and `,
        );
        return operand === true ? none : sql`not (${none})`;
      }
      if (operator === "in") return or(...listed(operand, path).map((item, at) => is(item, `${path}.${at}`, by))) ?? sql`false`;
      return operator === "ne" ? sql`(${is(operand, path, by)}) is not true` : is(operand, path, by);
    },
  };
}

type Parse = (operand: unknown, path: string) => unknown;

function on(input: OperatorClass, column: AnyColumn | SQL, parse: Parse, description?: string): FilterField {
  return {
    input,
    ...(description !== undefined && { description }),
    condition: (operator, operand, path) => compare(column, operator, operand, path, parse),
  };
}

function compare(target: AnyColumn | SQL, operator: string, operand: unknown, path: string, parse: Parse): SQL {
  // drizzle's operators accept both columns and expressions, but their types require one or the other.
  const column = target as AnyColumn;
  switch (operator) {
    case "eq":
      return eq(column, parse(operand, path));
    case "ne":
      return sql`${column} is distinct from ${parameter(target, parse(operand, path))}`;
    case "in": {
      const values = listed(operand, path).map((item, at) => parse(item, `${path}.${at}`));
      return values.length > 0 ? inArray(column, values) : sql`false`;
    }
    case "gt":
      return gt(column, parse(operand, path));
    case "gte":
      return gte(column, parse(operand, path));
    case "lt":
      return lt(column, parse(operand, path));
    case "lte":
      return lte(column, parse(operand, path));
    case "contains":
      return ilike(column, `%${escapeLike(searched(operand, path))}%`);
    case "isNull":
      return operand === true ? isNull(column) : isNotNull(column);
    default:
      throw new Error(`${path}: unknown operator ${operator}`);
  }
}

const parameter = (target: AnyColumn | SQL, value: unknown) => ("mapToDriverValue" in target ? sql.param(value, target) : value);

function integer(operand: unknown, path: string): unknown {
  if (typeof operand === "number" && !isInt32(operand)) throw refused(path, `Expected a whole number of at most 32 bits, not ${operand}.`);
  return operand;
}

function safeInteger(operand: unknown, path: string): unknown {
  if (typeof operand === "number" && !Number.isSafeInteger(operand))
    throw refused(path, `Expected a whole number of at most 53 bits, not ${operand}.`);
  return operand;
}

const isInt32 = (value: number): boolean => (value | 0) === value;

function listed(operand: unknown, path: string): unknown[] {
  if (!Array.isArray(operand)) throw refused(path, "Expected a list.");
  if (operand.length > maxListed) throw refused(path, `At most ${maxListed} values, not ${operand.length}.`);
  return operand;
}

function searched(operand: unknown, path: string): string {
  if (typeof operand !== "string" || operand.length > maxSearched) throw refused(path, `At most ${maxSearched} characters.`);
  return operand;
}

/** Pattern characters are matched literally, because users do not write patterns. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, (sign) => `\\${sign}`);

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
