import { BadUserInput, type Problem } from "@weft/shared";

/** Longest text per field, in characters. */
type Bounds = Readonly<Record<string, number>>;

/**
 * Refuses texts of an input that are too long, or empty where a value is needed; all problems at once. Absent fields are not looked at.
 * @param mayBeEmpty fields that may be empty
 */
export function assertText(input: object, bounds: Bounds, mayBeEmpty: readonly string[] = []): void {
  const values = new Map<string, unknown>(Object.entries(input));
  const problems = Object.entries(bounds).flatMap(([field, max]): Problem[] => {
    const value = values.get(field);
    if (typeof value !== "string") return [];
    const path = `input.${field}`;
    if (value.trim() === "" && !mayBeEmpty.includes(field)) return [{ path, message: "It must not be empty." }];
    return value.length > max ? [{ path, message: `It has ${value.length} characters; at most ${max} are taken.` }] : [];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}
