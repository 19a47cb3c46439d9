/** Fields that name a request, in the examples and in most definitions. Those that say most come first. */
const names = ["summary", "title", "subject", "name", "person"];

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/**
 * What a request is called: requests have no title of their own, but most forms ask for one. Otherwise it is the first text of its data, and without
 * any, the name of its type.
 */
export function requestTitle(data: unknown, typeName: string | null): string {
  const values = typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  return [...names.map((name) => values[name]), ...Object.values(values)].find(isText) ?? typeName ?? "";
}
