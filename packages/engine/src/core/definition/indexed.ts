/** `index`: the properties of the data that lists can filter by and that search covers. */
import type { IndexedField } from "../model/machine.js";
import { didYouMean, quote, type ProblemList } from "../model/problems.js";
import type { CompiledSchema, SchemaNode, SchemaType } from "../model/schema.js";

export const MAX_INDEXED = 10;

const KINDS: ReadonlyMap<SchemaType, IndexedField["type"]> = new Map([
  ["string", "text"],
  ["number", "number"],
  ["integer", "number"],
  ["boolean", "boolean"],
]);

/** Returns the type of the values of a property that can be indexed, or null if its values cannot be ordered. */
export function indexedTypeOf({ types }: SchemaNode): IndexedField["type"] | null {
  const kinds = new Set([...(types ?? [])].filter((type) => type !== "null").map((type) => KINDS.get(type)));
  const [type] = kinds;
  return kinds.size === 1 && type ? type : null;
}

/** Reports names that the data schema does not declare, and properties whose values cannot be ordered: objects, lists and unions of types. */
export function readIndexed(problems: ProblemList, value: unknown, data: CompiledSchema | null): readonly IndexedField[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.add(
      ["index"],
      "WRONG_TYPE",
      `Expected a list of property names of the data such as [amount, vendorName], found ${quote(value)}.`,
    );
    return [];
  }
  if (value.length > MAX_INDEXED) problems.add(["index"], "TOO_LARGE", `There are ${value.length} fields; the maximum is ${MAX_INDEXED}.`);
  const fields = new Map<string, IndexedField>();
  for (const [at, name] of value.slice(0, MAX_INDEXED).entries()) {
    const path = ["index", at];
    if (typeof name !== "string") {
      problems.add(path, "WRONG_TYPE", `Expected the name of a property of the data, found ${quote(name)}.`);
      continue;
    }
    if (fields.has(name)) problems.add(path, "BAD_VALUE", `${quote(name)} is listed twice.`);
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
    const type = indexedTypeOf(property);
    if (type) fields.set(name, { name, type });
    else
      problems.add(
        path,
        "BAD_VALUE",
        `${quote(name)} cannot be used as a filter. Only properties with a single type (text, number, or true and false) can.`,
      );
  }
  return [...fields.values()];
}
