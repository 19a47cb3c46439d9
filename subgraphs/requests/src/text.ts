import { BadUserInput, type Problem } from "@weft/shared";

/**
 * Refuses texts of an input that are too long, or empty where a value is needed; all problems at once.
 * @param bounds longest text per field, in characters; `mayBeEmpty` names those that may be empty
 */
export function assertText<Fields extends string>(
  input: { readonly [key in Fields]?: unknown },
  { mayBeEmpty = [], ...bounds }: { readonly [key in Fields]: number } & { readonly mayBeEmpty?: readonly Fields[] },
): void {
  const problems = (Object.entries(bounds) as [Fields, number][]).flatMap(([field, max]): Problem[] => {
    const value = input[field];
    if (typeof value !== "string") return [];
    const path = `input.${field}`;
    if (value.trim() === "" && !mayBeEmpty.includes(field)) return [{ path, message: "It must not be empty." }];
    return value.length > max ? [{ path, message: `It has ${value.length} characters; at most ${max} are taken.` }] : [];
  });
  if (problems.length > 0) throw new BadUserInput(problems);
}
