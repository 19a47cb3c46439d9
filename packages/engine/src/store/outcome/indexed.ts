/** Computes the values that lists filter and search by, from changed data. */
import { foldedWordsOf, indexedText } from "@weft/api/filters";
import type { IndexedField } from "../../core/model/machine.js";
import type { JsonObject } from "../../core/model/json.js";
import type { Outcome } from "../../core/model/outcome.js";

/** A value as stored in `workflows.instance_fields`; both null: the field no longer has a value. */
export type IndexedValue = { readonly field: string; readonly textValue: string | null; readonly numberValue: number | null };

/** Total of all indexed texts of an instance. */
const MAX_WORDS = 500;

/** Returns the indexed fields whose values have changed; `words`, of all texts, only if one of the texts has. */
export function indexedOf(
  index: readonly IndexedField[],
  outcome: Outcome,
): { fields?: readonly IndexedValue[]; words?: readonly string[] } {
  if (index.length === 0) return {};
  const { data, patch, removed } = outcome.dataChanges;
  // Another version of the definition indexes other fields.
  const all = outcome.kind === "start" || outcome.kind === "migration";
  const changed = all ? index : index.filter(({ name }) => Object.hasOwn(patch, name) || removed.includes(name));
  if (changed.length === 0) return {};
  const texts = index.filter(({ type }) => type === "text");
  return {
    fields: changed.map((field) => valueOf(field, data)),
    ...(changed.some(({ type }) => type === "text") && { words: wordsIn(texts.map(({ name }) => data[name])) }),
  };
}

function valueOf({ name, type }: IndexedField, data: JsonObject): IndexedValue {
  const value = Object.hasOwn(data, name) ? data[name] : undefined;
  const none = { field: name, textValue: null, numberValue: null };
  if (type === "number") return typeof value === "number" ? { ...none, numberValue: value } : none;
  if (type === "boolean") return typeof value === "boolean" ? { ...none, textValue: String(value) } : none;
  return typeof value === "string" ? { ...none, textValue: indexedText(value) } : none;
}

function wordsIn(values: readonly unknown[]): string[] {
  return foldedWordsOf(
    values
      .filter((value) => typeof value === "string")
      .map((text) => text.slice(0, 20_000))
      .join(" "),
  ).slice(0, MAX_WORDS);
}
