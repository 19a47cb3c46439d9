import { BadUserInput, type Problem } from "@weft/shared/errors";
import { type TextBounds, textProblems } from "@weft/shared/texts";

/** Fields that an update changes: those that are given. */
export type ChangedFields<Fields extends object, Nullable extends keyof Fields> = {
  [Field in keyof Fields]?: Field extends Nullable ? Exclude<Fields[Field], undefined> : NonNullable<Fields[Field]>;
};

/**
 * Returns the given fields of an update. Null counts as absent, except for fields that can be cleared with null.
 * @param names fields that the message lists if none is given, by default those of `fields`
 * @throws BadUserInput if no field is given
 */
export function changedFields<Fields extends object, Nullable extends keyof Fields & string = never>(
  fields: Fields,
  clearedByNull: readonly Nullable[] = [],
  names: readonly string[] = Object.keys(fields),
): ChangedFields<Fields, Nullable> {
  const isGiven = ([field, value]: [string, unknown]): boolean =>
    value !== undefined && (value !== null || clearedByNull.some((each) => each === field));
  const given = Object.entries(fields).filter(isGiven);
  if (given.length === 0) {
    throw new BadUserInput([{ path: "input", message: `Nothing to change. Provide at least one of ${names.join(", ")}.` }]);
  }
  return Object.fromEntries(given) as ChangedFields<Fields, Nullable>;
}

/** Rejects texts of an input that are too long, empty or contain disallowed characters, and reports all problems at once. Absent fields are ignored. */
export function assertText(input: object, bounds: Readonly<Record<string, TextBounds>>): void {
  const problems = inputTextProblems(input, bounds);
  if (problems.length > 0) throw new BadUserInput(problems);
}

/** Returns the problems that `assertText` reports. */
export function inputTextProblems(input: object, bounds: Readonly<Record<string, TextBounds>>): Problem[] {
  const values = new Map<string, unknown>(Object.entries(input));
  return Object.entries(bounds).flatMap(([field, bound]) => {
    const value = values.get(field);
    return typeof value === "string" ? textProblems(`input.${field}`, value, bound) : [];
  });
}
