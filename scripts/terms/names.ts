import { parseSync } from "oxc-parser";

interface Named {
  readonly type?: unknown;
  readonly name?: unknown;
}

/** Returns every identifier of a TypeScript file: variables, functions, types, properties. */
export function identifiersOf(path: string, text: string): Set<string> {
  const found = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    const { type, name } = node as Named;
    if ((type === "Identifier" || type === "PrivateIdentifier") && typeof name === "string") found.add(name);
    Object.values(node).forEach(visit);
  };
  visit(parseSync(path, text).program);
  return found;
}

/** Returns the names of tables, columns and functions in SQL: everything except comments and quoted text. */
export function sqlNamesOf(text: string): Set<string> {
  const code = text.replaceAll(/--.*$/gm, "").replaceAll(/'(?:[^']|'')*'/g, "");
  return new Set(code.match(/[a-z_][a-z0-9_]*/gi));
}

/** Returns the names of types, fields, arguments and enum values: everything in a schema except descriptions. */
export function schemaNamesOf(text: string): Set<string> {
  const code = text.replaceAll(/"""[^]*?"""/g, "").replaceAll(/"[^"\n]*"/g, "");
  return new Set(code.match(/[a-z_][a-z0-9_]*/gi));
}

/** Returns the names of tables and columns in TypeScript: strings of lowercase words joined by underscores. */
export function columnNamesOf(text: string): Set<string> {
  return new Set([...text.matchAll(/"([a-z]+(?:_[a-z]+)*)"/g)].map(([, name = ""]) => name));
}

/** Returns the types of events in TypeScript: strings of two words joined by a dot, such as `run.started`. */
export function eventTypesOf(text: string): Set<string> {
  return new Set([...text.matchAll(/"([a-z]+\.[a-z_]+)"/gi)].map(([, name = ""]) => name));
}
