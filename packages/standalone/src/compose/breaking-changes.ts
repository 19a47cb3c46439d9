import { buildSchema, findBreakingChanges } from "graphql";
import { z } from "zod";

/** Breaking changes that somebody accepted, for one reason. */
const acceptance = z.strictObject({
  /** Day of the decision. */
  date: z.iso.date(),
  /** Why clients have to change, for those who read the list. */
  reason: z.string().trim().min(10, { error: "must say why, in 10 characters or more" }),
  /** As graphql-js describes them. */
  changes: z.array(z.string().min(1)).min(1),
});
const acceptances = z.array(acceptance);

export type Acceptance = z.infer<typeof acceptance>;

/** What of `from` no longer holds in `to` for clients, described by graphql-js, in its order. Both are SDL. */
export function breakingChanges(from: string, to: string): string[] {
  return [...new Set(findBreakingChanges(buildSchema(from), buildSchema(to)).map(({ description }) => description))];
}

/** The list of accepted changes, from the text of its file. @throws Error that names what is wrong with it */
export function parseAcceptances(text: string, file: string): readonly Acceptance[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not valid JSON.`, { cause: error });
  }
  const parsed = acceptances.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is not valid: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ")}`);
}

/** The changes that nobody has accepted. */
export function notAccepted(changes: readonly string[], accepted: readonly Acceptance[]): string[] {
  const known = new Set(accepted.flatMap((each) => each.changes));
  return changes.filter((change) => !known.has(change));
}
