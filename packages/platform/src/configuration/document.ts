import { isDeepStrictEqual } from "node:util";
import { documentOf, settingAt, valuesOf } from "./settings.js";
import type { ConfigurationDocument } from "./settings.js";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns the document with the patch applied: sections are merged, values (including lists and null) are replaced. */
export function merged(document: ConfigurationDocument, patch: Readonly<Record<string, unknown>>): ConfigurationDocument {
  const result = new Map(Object.entries(document));
  for (const [name, value] of Object.entries(patch)) {
    const before = result.get(name);
    result.set(name, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return Object.fromEntries(result);
}

/** Returns the document without the settings or sections at these paths. */
export function without(document: ConfigurationDocument, paths: readonly string[]): ConfigurationDocument {
  const isUnset = (path: string) => paths.some((unset) => path === unset || path.startsWith(`${unset}.`));
  return documentOf([...valuesOf(document)].filter(([path]) => !isUnset(path)));
}

/** Returns whether a setting or a section of settings has this path. */
export function isPath(path: string, sections: ReadonlySet<string>): boolean {
  return sections.has(path) || (!path.endsWith(".*") && settingAt(path) !== undefined);
}

/** Returns the canonical form of a document, without empty sections. */
export const normal = (document: ConfigurationDocument): ConfigurationDocument => documentOf(valuesOf(document));

export interface DocumentDifference {
  readonly path: string;
  readonly kind: "ADDED" | "CHANGED" | "REMOVED";
  readonly before: unknown;
  readonly after: unknown;
}

/** Returns the settings that differ between two documents, ordered by path. */
export function differences(before: ConfigurationDocument, after: ConfigurationDocument): DocumentDifference[] {
  const [from, to] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...from.keys(), ...to.keys()])].toSorted().flatMap((path): DocumentDifference[] => {
    const values = { path, before: from.get(path) ?? null, after: to.get(path) ?? null };
    if (!from.has(path)) return [{ ...values, kind: "ADDED" }];
    if (!to.has(path)) return [{ ...values, kind: "REMOVED" }];
    return isDeepStrictEqual(values.before, values.after) ? [] : [{ ...values, kind: "CHANGED" }];
  });
}
