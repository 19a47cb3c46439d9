import { describedIssues, parsedBy } from "@weft/shared/texts";
import { z } from "zod";

/** Breaking changes that were accepted together, for one reason. */
const acceptance = z.strictObject({
  /** Date of the decision. */
  date: z.iso.date(),
  /** Why clients have to change, for readers of the list. */
  reason: z.string().trim().min(10, { error: "must give the reason in at least 10 characters" }),
  /** What changes, in the words of `schemaChanges`. Each names the element. */
  changes: z.array(z.string().min(1)).min(1),
});
const acceptances = z.array(acceptance);

export type Acceptance = z.infer<typeof acceptance>;

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
