/** `index`: the fields of the data that lists filter by, and whose words a search finds. */
import { didYouMean, quote, type ProblemList } from "../problems.js";
import type { CompiledSchema, SchemaType } from "../schema/types.js";

/** A top-level property of the data, of one type beside null. */
export type IndexedField = { readonly name: string; readonly type: "text" | "number" | "boolean" };

export const MAX_INDEXED = 10;

const KINDS: ReadonlyMap<SchemaType, IndexedField["type"]> = new Map([
  ["string", "text"],
  ["number", "number"],
  ["integer", "number"],
  ["boolean", "boolean"],
]);

/** Reports names that the data schema does not declare, and those whose values have no order: objects, lists, a choice of types. */
export function readIndexed(problems: ProblemList, value: unknown, data: CompiledSchema | null): readonly IndexedField[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.add(["index"], "WRONG_TYPE", `Expected a list of names of the data such as [amount, vendorName], found ${quote(value)}.`);
    return [];
  }
  if (value.length > MAX_INDEXED) problems.add(["index"], "TOO_LARGE", `There are ${value.length} fields; the most is ${MAX_INDEXED}.`);
  const fields = new Map<string, IndexedField>();
  for (const [at, name] of value.slice(0, MAX_INDEXED).entries()) {
    const path = ["index", at];
    if (typeof name !== "string") {
      problems.add(path, "WRONG_TYPE", `Expected the name of a property of the data, found ${quote(name)}.`);
      continue;
    }
    if (fields.has(name)) problems.add(path, "BAD_VALUE", `${quote(name)} stands here twice.`);
    if (!data) continue;
    const property = data.root.properties.get(name);
    if (!property) {
      problems.add(
        path,
        "UNKNOWN_PATH",
        `The schema of the data does not declare ${quote(name)}.${didYouMean(name, data.root.properties.keys())}`,
      );
      continue;
    }
    const kinds = new Set([...(property.types ?? [])].filter((type) => type !== "null").map((type) => KINDS.get(type)));
    const [type] = kinds;
    if (kinds.size === 1 && type) fields.set(name, { name, type });
    else problems.add(path, "BAD_VALUE", `${quote(name)} cannot be filtered by: only text, numbers, true and false can, each by itself.`);
  }
  return [...fields.values()];
}
