import { BadUserInput, type TextBounds, textProblems } from "@weft/shared";

/** Refuses texts of an input that are too long, empty or not printable; all problems at once. Absent fields are not looked at. */
export function assertText(input: object, bounds: Readonly<Record<string, TextBounds>>): void {
  const values = new Map<string, unknown>(Object.entries(input));
  const problems = Object.entries(bounds).flatMap(([field, bound]) => {
    const value = values.get(field);
    return typeof value === "string" ? textProblems(`input.${field}`, value, bound) : [];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}
