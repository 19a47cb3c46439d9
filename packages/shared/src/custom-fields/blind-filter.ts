/** Equality searches by encrypted custom fields. */
import type { Context } from "../context/context.js";
import type { FilterValue } from "../filters/filter-input.js";
import type { SearchedValue } from "../secrets/tenant-secrets.js";
import { askedCustomFields, usableFields, type UsableFields } from "./asked-fields.js";
import { fieldPlace, type CustomFieldKind } from "./kinds.js";

/** Member of a condition on an encrypted field. A symbol, so that no client can set it. */
export const blind = Symbol("blind indexes");

export interface BlindCondition {
  /** A list for each operator: the blind indexes of which the object has one. All of the operators must match. */
  readonly indexes: readonly (readonly string[])[];
  /** Whether every type that has the field encrypts it. Otherwise, plain values are compared, too. */
  readonly isAlone: boolean;
}

/**
 * Returns a filter with the blind indexes of the values that it looks for in encrypted custom fields. Call it before the filter becomes SQL. Takes one
 * statement if the filter has conditions on custom fields, which `assertFields` does not repeat, and none otherwise, except to load the tenant's keys.
 * Conditions that encrypted fields do not support are left to `assertFields`.
 */
export async function blindFilter<Filter extends FilterValue | null | undefined>(
  ctx: Context,
  kind: CustomFieldKind,
  filter: Filter,
): Promise<Filter> {
  const asked = askedCustomFields(filter);
  if (!filter || asked.length === 0) return filter;
  const usable = await usableFields(ctx, kind);
  const conditions = new Map<FilterValue, BlindCondition>();
  for (const { name, condition } of asked) {
    const types = typesOfField(usable, name);
    if (!types.includes("ENCRYPTED")) continue;
    const searched = ["eq", "in"].flatMap((operator) => {
      const operand = condition[operator];
      return operand === undefined || operand === null ? [] : [searchedValues(kind, name, operand)];
    });
    const indexes = await ctx.read(async (tx) => {
      const found = await ctx.services.secrets.blindIndexes(tx, ctx.viewer.tenantId, searched.flat(), usable.newestKey);
      const rest = found.values();
      return searched.map((values) => values.flatMap(() => rest.next().value ?? []));
    });
    conditions.set(condition, { indexes, isAlone: types.every((type) => type === "ENCRYPTED") });
  }
  return conditions.size === 0 ? filter : (withIndexes(filter, conditions) as Filter);
}

const typesOfField = ({ types }: UsableFields, name: string): string[] =>
  types.flatMap(({ fields }) => fields.filter((field) => field.name === name).map(({ type }) => type));

/** Operands of other types match no encrypted value. */
const searchedValues = (kind: CustomFieldKind, name: string, operand: unknown): SearchedValue[] =>
  (Array.isArray(operand) ? (operand as unknown[]) : [operand]).flatMap((value) =>
    typeof value === "string" ? [{ indexedAs: fieldPlace(kind, name), value }] : [],
  );

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
