/** What lists filter and search by, of the data that a move has changed. */
import { foldedWordsOf } from "@weft/shared";
import type { IndexedField } from "../core/definition/indexed.js";
import type { JsonObject } from "../core/json.js";
import type { Outcome } from "../core/outcome.js";

/** A value as `workflows.instance_fields` keeps it; both null: the field has no value any more. */
export type IndexedValue = { readonly field: string; readonly textValue: string | null; readonly numberValue: number | null };

/** Longer texts are kept by their beginning. */
export const MAX_INDEXED_CHARS = 200;

/** Of all indexed texts of an instance together. */
const MAX_WORDS = 500;

/** The indexed fields whose values the move changed; `words`, of all texts, only when one of the texts did. */
export function indexedOf(
  index: readonly IndexedField[],
  outcome: Outcome,
): { fields?: readonly IndexedValue[]; words?: readonly string[] } {
  if (index.length === 0) return {};
  const { data, patch, removed } = outcome.dataChanges;
  // On another version of the definition other fields count.
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

/** A text as the index keeps it, and as a filter compares with it: a longer one is its first 200 characters and an ellipsis. */
export function indexedText(text: string): string {
  const chars = Array.from(text.slice(0, MAX_INDEXED_CHARS * 2 + 2));
  return chars.length <= MAX_INDEXED_CHARS ? text : `${chars.slice(0, MAX_INDEXED_CHARS).join("")}…`;
}

function wordsIn(values: readonly unknown[]): string[] {
  return foldedWordsOf(
    values
      .filter((value) => typeof value === "string")
      .map((text) => text.slice(0, 20_000))
      .join(" "),
  ).slice(0, MAX_WORDS);
}
