import { createHash } from "node:crypto";

/** The stored form of a value in a JSON column: its ciphertext and, if searches find it, its blind index. */
export interface SealedValueObject {
  readonly $sealed: string;
  readonly $index?: string;
}

/** Returns whether a value of a JSON column is stored encrypted. The API refuses values of this form, so only Weft writes them. */
export function isSealedValue(value: unknown): value is SealedValueObject {
  if (typeof value !== "object" || value === null || !("$sealed" in value)) return false;
  return typeof value.$sealed === "string" && value.$sealed.startsWith("sec:v1:");
}

/**
 * Returns an image of a row with a mark in place of each encrypted custom field. The mark tells whether a value changed: it is computed from the
 * ciphertext, which is random.
 */
export function withoutSealedFields<T extends Readonly<Record<string, unknown>> | null>(image: T): T {
  const fields = image?.["fields"];
  if (typeof fields !== "object" || fields === null || !Object.values(fields).some(isSealedValue)) return image;
  return { ...image, fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, marked(value)])) };
}

const marked = (value: unknown): unknown =>
  isSealedValue(value) ? `[encrypted ${createHash("sha256").update(value.$sealed).digest("hex").slice(0, 8)}]` : value;
