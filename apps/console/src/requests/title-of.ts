const preferred = ["summary", "title", "subject", "name"];

/** Returns what a request is called: requests have no title of their own, but most forms ask for one. */
export function titleOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return "–";
  const values = data as Readonly<Record<string, unknown>>;
  const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
  const title = preferred.map((key) => values[key]).find(isText);
  return title ?? Object.values(values).find(isText) ?? "–";
}
