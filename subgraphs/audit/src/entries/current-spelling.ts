type Image = Readonly<Record<string, unknown>>;

/** Columns whose values are names of Weft. Users do not write them. */
const columns: ReadonlySet<string> = new Set(["runStatus", "eventType", "eventTypes"]);

const current: ReadonlyMap<unknown, string> = new Map([
  ["CANCELED", "CANCELLED"],
  ["run.canceled", "run.cancelled"],
]);

/** Returns an image with the current spelling of statuses and event types. Stored entries are part of a chain of hashes and cannot be corrected. */
export const inCurrentSpelling = (image: Image | null): Image | null =>
  image && Object.fromEntries(Object.entries(image).map(([column, value]) => [column, columns.has(column) ? respelled(value) : value]));

const respelled = (value: unknown): unknown => (Array.isArray(value) ? value.map(respelled) : (current.get(value) ?? value));
