import { and, or, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import { Field, InputType } from "type-graphql";
import { BadUserInput, Forbidden } from "../errors/errors.js";
import { hasPermission } from "../viewer/viewer.js";
import type { Viewer } from "../viewer/viewer.js";
import type { Permission } from "../viewer/permissions.js";
import type { FilterField, ListFilterField } from "./conditions.js";

const maxDepth = 5;
const maxConditions = 50;

/** A filter as resolvers get it; only `toSql` reads it. */
export type FilterValue = Readonly<Record<string, unknown>>;

export interface Filter {
  /** What it declares, for filters that contain it. */
  readonly fields: Fields;
  /** For `@Arg("filter", () => RequestFilter.Input, { nullable: true })`. */
  readonly Input: new () => FilterValue;
  /**
   * The condition, undefined when there is none. Values are bound, names come from the declaration.
   * @param path of the argument, for errors
   * @param viewer who asks; needed by filters with fields `onlyWith` a permission
   * @throws BadUserInput for a malformed operand, and a filter that is too deep or too large; Forbidden for a field that the viewer must not ask about
   */
  toSql(filter: FilterValue | null | undefined, path?: string, viewer?: Viewer): SQL | undefined;
}

/** Conditions on a linked object: a filter within a filter. */
export interface NestedFilterField {
  readonly nested: Filter;
  readonly description?: string;
  /** Viewers without it get FORBIDDEN. */
  readonly permission?: Permission;
  /** The linked objects that the viewer sees. Without it, a filter would tell what the link does not show. */
  readonly visible: (viewer: Viewer) => SQL;
}

type AnyFilterField = FilterField | ListFilterField | NestedFilterField;
type Fields = Readonly<Record<string, AnyFilterField>>;

/** Conditions on a linked object whose columns the list's statements join. They count among the conditions of the outer filter. */
export const nestedField = (nested: Filter, options: Omit<NestedFilterField, "nested">): NestedFilterField => ({ nested, ...options });

/**
 * Declares a filter: a field for each entry, of the operators of its kind, and `and`, `or`, `not`. Unknown fields and operators do not pass
 * GraphQL's validation. Fields of one filter are joined by and.
 * `filterInput("RequestFilter", { state: textField(heads.state), building: idField("building", requests.buildingId) })`
 */
export function filterInput(name: string, fields: Fields): Filter {
  @InputType(name, { description: "Conditions on a list. All that are given must hold." })
  class FilterType {
    @Field(() => [FilterType], { nullable: true, description: "All of these." })
    and?: FilterType[] | null;

    @Field(() => [FilterType], { nullable: true, description: "At least one of these." })
    or?: FilterType[] | null;

    @Field(() => FilterType, { nullable: true, description: "Not this." })
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
    toSql: (filter, path = "filter", viewer) =>
      filter ? joined(filter, { fields, viewer, count: { conditions: 0 } }, path, 1) : undefined,
  };
}

function inputOf(field: AnyFilterField): (new () => object) | (new () => object)[] {
  if ("nested" in field) return field.nested.Input;
  return "itemInput" in field ? [field.itemInput] : field.input;
}

interface Walk {
  readonly fields: Fields;
  readonly viewer: Viewer | undefined;
  readonly count: { conditions: number };
}

function joined(filter: FilterValue, walk: Walk, path: string, depth: number): SQL | undefined {
  if (depth > maxDepth) throw refused(path, `Filters are nested at most ${maxDepth} deep.`);
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
      // An empty `or` holds for nothing; a side without conditions holds for everything.
      if (sides.length === 0) return sql`false`;
      return sides.includes(undefined) ? undefined : or(...sides);
    }
    case "not": {
      const inner = joined(value as FilterValue, walk, path, depth + 1);
      // "is not true" rather than "not": what has no value is not what was excluded.
      return inner ? sql`(${inner}) is not true` : sql`false`;
    }
    default:
      return ofField(walk.fields[name], value as FilterValue, walk, { path, depth });
  }
}

const each = (value: unknown, walk: Walk, path: string, depth: number): (SQL | undefined)[] =>
  (value as FilterValue[]).map((side, at) => joined(side, walk, `${path}.${at}`, depth + 1));

/** Where in a filter the walk is. */
type Place = { readonly path: string; readonly depth: number };

function ofField(field: AnyFilterField | undefined, operators: FilterValue, walk: Walk, { path, depth }: Place): SQL | undefined {
  if (!field) throw new Error(`${path}: the filter declares no such field`);
  const { viewer, count } = walk;
  if ("itemInput" in field) {
    return and(
      ...(operators as unknown as readonly FilterValue[]).map((item, at) => {
        count.conditions += Object.values(item).filter((operand) => operand !== undefined).length;
        if (count.conditions > maxConditions) throw refused("filter", `A filter has at most ${maxConditions} conditions.`);
        return field.itemCondition(item, `${path}.${at}`);
      }),
    );
  }
  if (field.permission && !(viewer && hasPermission(viewer, field.permission)))
    throw new Forbidden(`${path} is for those who have ${field.permission}.`);
  if ("nested" in field) {
    if (!viewer) throw new Error(`${path}: toSql needs the viewer`);
    const inner = joined(operators, { ...walk, fields: field.nested.fields }, path, depth + 1);
    return inner ? sql`(${field.visible(viewer)} and ${inner})` : undefined;
  }
  const given = Object.entries(operators).filter(([, operand]) => operand !== undefined);
  return and(
    ...given.map(([operator, operand]) => {
      count.conditions += field.weigh?.(operand) ?? 1;
      if (count.conditions > maxConditions) throw refused("filter", `A filter has at most ${maxConditions} conditions.`);
      if (operand === null) throw refused(`${path}.${operator}`, "null compares with nothing; use isNull, or leave it out.");
      return field.condition(operator, operand, `${path}.${operator}`, viewer);
    }),
  );
}

const refused = (path: string, message: string): BadUserInput => new BadUserInput([{ path, message }]);
