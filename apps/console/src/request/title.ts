/** Fields that name a request, in the examples and in most definitions. */
const names = ["summary", "title", "subject", "name", "person"];

/** Returns the text by which people know a request. Null if its data has none. */
export function titleOf(data: unknown): string | null {
  if (typeof data !== "object" || data === null) return null;
  const values = data as Readonly<Record<string, unknown>>;
  const texts = [...names.map((name) => values[name]), ...Object.values(values)];
  return texts.find((value): value is string => typeof value === "string" && value.trim() !== "") ?? null;
}
