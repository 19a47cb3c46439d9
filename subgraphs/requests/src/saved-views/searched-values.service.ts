import type { CustomFieldKind } from "@weft/platform/custom-field-kinds";
import type { Tx } from "@weft/platform/db";
import type { FilterValue } from "@weft/api/filters";
import { fieldsOfList } from "./list-fields.js";
import { findViewsWithFields, updateViewRow } from "./saved-view.store.js";
import type { SavedViewList } from "./saved-view.type.js";

/** Stands for the operand of a condition that a view no longer contains. */
const REMOVED = "[removed]";

/**
 * Replaces the operands of conditions on these custom fields in all saved views, because the fields become encrypted. Lists refuse such a view until
 * somebody changes the condition, as they refuse all stored conditions on values of encrypted fields.
 */
export async function removeSearchedValues(tx: Tx, kind: CustomFieldKind, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const lists = (Object.keys(fieldsOfList) as SavedViewList[]).filter((list) => fieldsOfList[list] === kind);
  for (const { id, version, filter } of await findViewsWithFields(tx, lists)) {
    const without = withoutOperands(filter, new Set(names));
    if (JSON.stringify(without) !== JSON.stringify(filter)) await updateViewRow(tx, id, version, { filter: without });
  }
}

function withoutOperands(filter: FilterValue, names: ReadonlySet<string>): FilterValue {
  const within = (side: unknown): unknown => (isFilter(side) ? withoutOperands(side, names) : side);
  return Object.fromEntries(
    Object.entries(filter).map(([key, value]) => {
      if (key === "not") return [key, within(value)];
      if (!Array.isArray(value)) return [key, value];
      if (key === "and" || key === "or") return [key, value.map(within)];
      return [key, key === "fields" ? value.map((condition: unknown) => withoutOperand(condition, names)) : value];
    }),
  );
}

function withoutOperand(condition: unknown, names: ReadonlySet<string>): unknown {
  if (!isFilter(condition) || !names.has(String(condition["name"]))) return condition;
  return Object.fromEntries(
    Object.entries(condition).map(([operator, operand]) => {
      if (operator === "name" || operator === "isNull" || operand === null) return [operator, operand];
      return [operator, Array.isArray(operand) ? [REMOVED] : REMOVED];
    }),
  );
}

const isFilter = (value: unknown): value is FilterValue => typeof value === "object" && value !== null && !Array.isArray(value);
