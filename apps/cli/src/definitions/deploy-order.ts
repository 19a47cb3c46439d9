interface Deployed {
  readonly key: string;
  readonly document: unknown;
}

/** Sorts definitions so that those that others start come first: publishing warns of automations and workflows that do not exist yet. */
export function deployOrder<T extends Deployed>(definitions: readonly T[]): T[] {
  const byKey = new Map(definitions.map((one) => [one.key, one]));
  const ordered = new Set<T>();
  const begun = new Set<T>();
  const visit = (one: T): void => {
    if (begun.has(one)) return;
    begun.add(one);
    for (const text of textsIn(one.document)) {
      const other = byKey.get(text);
      if (other) visit(other);
    }
    ordered.add(one);
  };
  for (const one of definitions) visit(one);
  return [...ordered];
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
