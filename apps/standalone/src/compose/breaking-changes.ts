import { describedIssues, parsedBy } from "@weft/shared/texts";
import { buildSchema, findBreakingChanges } from "graphql";
import { z } from "zod";

/** Breaking changes that were accepted together, for one reason. */
const acceptance = z.strictObject({
  /** Date of the decision. */
  date: z.iso.date(),
  /** Why clients have to change, for readers of the list. */
  reason: z.string().trim().min(10, { error: "must give the reason in at least 10 characters" }),
  /** The descriptions from graphql-js. */
  changes: z.array(z.string().min(1)).min(1),
});
const acceptances = z.array(acceptance);

export type Acceptance = z.infer<typeof acceptance>;

/** Returns the changes from `from` to `to` that break clients, as described by graphql-js and in its order. Both are SDL. */
export function breakingChanges(from: string, to: string): string[] {
  return [...new Set(findBreakingChanges(buildSchema(from), buildSchema(to)).map(({ description }) => description))];
}

/** Parses the list of accepted changes. @throws Error that describes what is wrong with the file */
export function parseAcceptances(text: string, file: string): readonly Acceptance[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not valid JSON. Fix its syntax.`, { cause: error });
  }
  const parsed = parsedBy(acceptances, json);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is not valid: ${describedIssues(parsed.error.issues, "list").join("; ")}`);
}

/** Returns the changes that are not accepted. */
export function notAccepted(changes: readonly string[], accepted: readonly Acceptance[]): string[] {
  const known = new Set(accepted.flatMap((each) => each.changes));
  return changes.filter((change) => !known.has(change));
}
