const titles = ["summary", "title", "subject", "name"];

/** What a request is called: the text of its data that says most, otherwise the name of its type. */
export function requestTitle(data: unknown, typeName: string | null): string {
  const values = typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";
  return titles.map((name) => values[name]).find(isText) ?? typeName ?? "";
}
