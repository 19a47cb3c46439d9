export interface FieldChange {
  /** Path of the field: `data.estimate`. */
  readonly path: string;
  /** Undefined: there is no such field. */
  readonly before: unknown;
  readonly after: unknown;
}

type Row = Readonly<Record<string, unknown>>;

const isNothing = (value: unknown): boolean => value === null || value === undefined;
const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** Fields that change with every change, which say the least. */
const attendant: ReadonlySet<string> = new Set(["version", "updatedAt", "updated_at", "enteredAt", "lastActivityAt"]);

function* differing(before: unknown, after: unknown, path: string): Generator<FieldChange, void> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const areRows = [before, after].some(isRow) && [before, after].every((value) => isRow(value) || isNothing(value));
  if (!areRows) {
    yield { path, before, after };
    return;
  }
  const [old, now] = [isRow(before) ? before : {}, isRow(after) ? after : {}];
  for (const name of new Set([...Object.keys(old), ...Object.keys(now)]))
    yield* differing(old[name], now[name], path === "" ? name : `${path}.${name}`);
}

/** Returns what differs between two images of a row, field by field. Null: the row did not exist. */
export function changesOf(before: unknown, after: unknown): readonly FieldChange[] {
  const all = [...differing(before ?? undefined, after ?? undefined, "")];
  return [...all.filter(({ path }) => !attendant.has(path)), ...all.filter(({ path }) => attendant.has(path))];
}
