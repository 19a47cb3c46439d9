/** Equality searches by encrypted custom fields. */
import type { Context } from "../context/context.js";
import { BadUserInput } from "@weft/shared/errors";
import { type CustomFieldKind, fieldPlace } from "@weft/platform/custom-field-kinds";
import type { SearchedValue } from "@weft/platform/secrets";
import { maxListed } from "../filters/conditions.js";
import type { FilterValue } from "../filters/filter-input.js";
import { askedCustomFields, usableFields, type UsableFields } from "./asked-fields.js";

/** Member of a condition on an encrypted field. A symbol, so that no client can set it. */
export const blind = Symbol("blind indexes");

export interface BlindCondition {
  /** A list for each operator: the blind indexes of which the object has one. All of the operators must match. */
  readonly indexes: readonly (readonly string[])[];
  /** Whether every type that has the field encrypts it, and no value remains to be encrypted. Otherwise, plain values are compared, too. */
  readonly isAlone: boolean;
}

/** Values of encrypted fields that a filter can look for. Hashing them blocks the process, so it must take no more than milliseconds. */
const maxSearched = 1000;

/**
 * Returns a filter with the blind indexes of the values that it looks for in encrypted custom fields. Call it before the filter becomes SQL. Takes one
 * statement if the filter has conditions on custom fields, which `assertFields` does not repeat, and none otherwise, except to load the tenant's keys.
 * Conditions that encrypted fields do not support are left to `assertFields`, and lists that are too long to the filter's SQL: their values are not hashed.
 * @throws BadUserInput if the filter looks for more than 1000 values of encrypted fields
 */
export async function blindFilter<Filter extends FilterValue | null | undefined>(
  ctx: Context,
  kind: CustomFieldKind,
  filter: Filter,
): Promise<Filter> {
  const asked = askedCustomFields(filter);
  if (!filter || asked.length === 0) return filter;
  const usable = await usableFields(ctx, kind);
  const conditions = asked.flatMap(({ name, condition }) => {
    const types = typesOfField(usable, name);
    if (!types.includes("ENCRYPTED")) return [];
    const searched = ["eq", "in"].flatMap((operator) => {
      const operand = condition[operator];
      return operand === undefined || operand === null ? [] : [searchedValues(kind, name, operand)];
    });
    return [{ condition, searched, isAlone: types.every((type) => type === "ENCRYPTED") }];
  });
  if (conditions.length === 0) return filter;
  const indexes = (
    await indexesOf(
      ctx,
      usable,
      conditions.flatMap(({ searched }) => searched.flat()),
    )
  ).values();
  const found = conditions.map(({ condition, searched, isAlone }): [FilterValue, BlindCondition] => [
    condition,
    { indexes: searched.map((values) => values.flatMap(() => indexes.next().value ?? [])), isAlone },
  ]);
  return withIndexes(filter, new Map(found)) as Filter;
}

/** Returns the blind indexes that each value can have, in the order of the values. */
async function indexesOf(ctx: Context, { newestKey }: UsableFields, values: readonly SearchedValue[]): Promise<string[][]> {
  if (values.length === 0) return [];
  if (values.length > maxSearched) {
    const message = `The filter looks for ${values.length} values of encrypted custom fields; the maximum is ${maxSearched}.`;
    throw new BadUserInput([{ path: "filter", message }]);
  }
  return ctx.read((tx) => ctx.services.secrets.blindIndexes(tx, ctx.viewer.tenantId, values, newestKey));
}

const typesOfField = ({ types }: UsableFields, name: string): string[] =>
  types.flatMap(({ fields, encrypting }) =>
    fields.filter((field) => field.name === name).flatMap(({ type }) => (encrypting.includes(name) ? [type, "TEXT"] : [type])),
  );

/** Operands of other types match no encrypted value. */
function searchedValues(kind: CustomFieldKind, name: string, operand: unknown): SearchedValue[] {
  const values = Array.isArray(operand) ? (operand as unknown[]) : [operand];
  if (values.length > maxListed) return [];
  return values.flatMap((value) => (typeof value === "string" ? [{ indexedAs: fieldPlace(kind, name), value }] : []));
}

function withIndexes(filter: FilterValue, conditions: ReadonlyMap<FilterValue, BlindCondition>): FilterValue {
  const within = (sides: unknown): FilterValue[] => (sides as readonly FilterValue[]).map((side) => withIndexes(side, conditions));
  const { and: all, or: any, not, fields } = filter;
  return {
    ...filter,
    ...(all ? { and: within(all) } : {}),
    ...(any ? { or: within(any) } : {}),
    ...(not ? { not: withIndexes(not as FilterValue, conditions) } : {}),
    ...(fields ? { fields: (fields as readonly FilterValue[]).map((one) => ({ ...one, [blind]: conditions.get(one) })) } : {}),
  };
}
