import "reflect-metadata";
import { and, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import { hasPermission, type Permission, type Viewer } from "@weft/shared/viewer";
import type { FilterField, ListFilterField } from "./conditions.js";

const maxDepth = 5;
const maxConditions = 50;

/** A filter as passed to resolvers. Only `toSql` reads it. */
export type FilterValue = Readonly<Record<string, unknown>>;

export interface Filter {
  /** Declared fields, for filters that nest this one. */
  readonly fields: Fields;
  /** Input type, for `@Arg("filter", () => RequestFilter.Input, { nullable: true })`. */
  readonly Input: new () => FilterValue;
  /**
   * Returns the SQL condition, or undefined if there is none. Values are bound; names come from the declaration.
   * @param path of the argument, for errors
   * @param viewer the viewer; required for filters with fields declared with `onlyWith`
   * @param languages of full-text searches, from `searchLanguages`
   * @throws BadUserInput if an operand is malformed, or the filter is too deep or too large; Forbidden for a field that the viewer must not filter by
   */
  toSql(filter: FilterValue | null | undefined, path?: string, viewer?: Viewer, languages?: readonly string[]): SQL | undefined;
}

/** Conditions on a linked object: a filter within a filter. */
export interface NestedFilterField {
  readonly nested: Filter;
  readonly description?: string;
  /** Required permission. Viewers without it get FORBIDDEN. */
  readonly permission?: Permission;
  /** Condition for the linked objects that the viewer can see. Without it, a filter would reveal what the link does not show. */
  readonly visible: (viewer: Viewer) => SQL;
  /** How the linked objects are found, if the list's statements do not join them: `exists (… and condition)`. */
  readonly within?: (condition: SQL) => SQL;
}

type AnyFilterField = FilterField | ListFilterField | NestedFilterField;
type Fields = Readonly<Record<string, AnyFilterField>>;

/** Conditions on a linked object whose columns the list's statements join, or that `within` finds. They count toward the maximum number of conditions of the outer filter. */
export const nestedField = (nested: Filter, options: Omit<NestedFilterField, "nested">): NestedFilterField => ({ nested, ...options });

/**
 * Declares a filter: a field for each entry, with the operators of its kind, and `and`, `or`, `not`. GraphQL validation rejects unknown fields and
 * operators. The fields of a filter are combined with AND. Example: `filterInput("RequestFilter", { state: textField(heads.state), building:
 * idField("building", requests.buildingId) })`
 */
export function filterInput(name: string, fields: Fields): Filter {
  @InputType(name, { description: "Filter conditions. All given conditions must be met." })
  class FilterType {
    @Field(() => [FilterType], { nullable: true, description: "All of these filters match." })
    and?: FilterType[] | null;

    @Field(() => [FilterType], { nullable: true, description: "At least one of these filters matches." })
    or?: FilterType[] | null;

    @Field(() => FilterType, { nullable: true, description: "This filter does not match." })
    not?: FilterType | null;
  }
  for (const [name, field] of Object.entries(fields)) {
    const { description } = field;
    Field(() => inputOf(field), {
      nullable: true,
      ...(description !== undefined && { description }),
    })(FilterType.prototype, name);
  }
  return {
    fields,
    Input: FilterType as new () => FilterValue & FilterType,
    toSql: (filter, path = "filter", viewer, languages = []) =>
      filter ? joined(filter, { fields, viewer, languages, count: { conditions: 0 } }, path, 1) : undefined,
  };
}

function inputOf(field: AnyFilterField): (new () => object) | (new () => object)[] {
  if ("nested" in field) return field.nested.Input;
  return "itemInput" in field ? [field.itemInput] : field.input;
}

interface Walk {
  readonly fields: Fields;
  readonly viewer: Viewer | undefined;
  readonly languages: readonly string[];
  readonly count: { conditions: number };
}

function joined(filter: FilterValue, walk: Walk, path: string, depth: number): SQL | undefined {
  if (depth > maxDepth) throw refused(path, `Filters can be nested at most ${maxDepth} levels deep.`);
  const parts = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [part(name, value, walk, `${path}.${name}`, depth)],
  );
  return and(...parts);
}

function part(name: string, value: unknown, walk: Walk, path: string, depth: number): SQL | undefined {
  switch (name) {
    case "and":
      return and(...each(value, walk, path, depth));
    case "or": {
      const sides = each(value, walk, path, depth);
      // An empty `or` matches nothing. A member without conditions matches everything.
      if (sides.length === 0) return sql`false`;
      return sides.includes(undefined) ? undefined : or(...sides);
    }
    case "not": {
      const inner = joined(value as FilterValue, walk, path, depth + 1);
      // "is not true" instead of "not", so that rows with null values match.
      return inner ? sql`(${inner}) is not true` : sql`false`;
    }
    default:
      return ofField(walk.fields[name], value as FilterValue, walk, { path, depth });
  }
}

const each = (value: unknown, walk: Walk, path: string, depth: number): (SQL | undefined)[] =>
  (value as FilterValue[]).map((side, at) => joined(side, walk, `${path}.${at}`, depth + 1));

/** Current position in the filter. */
type Place = { readonly path: string; readonly depth: number };

function ofField(field: AnyFilterField | undefined, operators: FilterValue, walk: Walk, { path, depth }: Place): SQL | undefined {
  if (!field) throw new Error(`${path}: the filter does not declare this field`);
  const { viewer, count } = walk;
  if ("itemInput" in field) {
    return and(
      ...(operators as unknown as readonly FilterValue[]).map((item, at) => {
        count.conditions += Object.values(item).filter((operand) => operand !== undefined).length;
        if (count.conditions > maxConditions) throw refused("filter", `A filter can have at most ${maxConditions} conditions.`);
        return field.itemCondition(item, `${path}.${at}`, viewer);
      }),
    );
  }
  if (field.permission && !(viewer && hasPermission(viewer, field.permission)))
    throw new Forbidden(`${path} requires the permission ${field.permission}.`);
  if ("isForStaff" in field && viewer?.vendorId !== null) throw new Forbidden(`Users of a vendor are not allowed to use ${path}.`);
  if ("nested" in field) {
    if (!viewer) throw new Error(`${path}: toSql requires the viewer`);
    const inner = joined(operators, { ...walk, fields: field.nested.fields }, path, depth + 1);
    if (!inner) return undefined;
    const condition = sql`(${field.visible(viewer)} and ${inner})`;
    return field.within?.(condition) ?? condition;
  }
  const given = Object.entries(operators).filter(([, operand]) => operand !== undefined);
  return and(
    ...given.map(([operator, operand]) => {
      count.conditions += field.weigh?.(operand) ?? 1;
      if (count.conditions > maxConditions) throw refused("filter", `A filter can have at most ${maxConditions} conditions.`);
      if (operand === null) throw refused(`${path}.${operator}`, "null is not comparable. Use isNull, or omit the condition.");
      return field.condition(operator, operand, `${path}.${operator}`, viewer && { viewer, languages: walk.languages });
    }),
  );
}

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
