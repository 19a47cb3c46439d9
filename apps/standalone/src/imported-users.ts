import type { ImportedUser } from "@weft/identity";
import { BadUserInput, type Problem } from "@weft/shared/errors";
import { parsedBy } from "@weft/shared/texts";
import { z } from "zod";

const userSchema = z.strictObject({
  email: z.string(),
  username: z.string().optional(),
  name: z.string(),
  roles: z.array(z.string()),
  passwordHash: z.string(),
});

/**
 * Reads the users of an import: a JSON object per line.
 * @throws BadUserInput with the problems of all lines. They contain no hashes.
 */
export function parseImportedUsers(text: string): ImportedUser[] {
  const problems: Problem[] = [];
  const users: ImportedUser[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const path = `line ${index + 1}`;
    const parsed = parsedBy(userSchema, jsonOf(line));
    if (parsed.success) {
      const { username, ...user } = parsed.data;
      users.push({ ...user, ...(username !== undefined && { username }), line: index + 1 });
    } else problems.push(...parsed.error.issues.map((issue) => ({ path, message: messageOf(issue) })));
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return users;
}

function messageOf({ code, path, message }: z.core.$ZodIssue): string {
  if (path.length > 0) return `${path.join(".")}: ${message}`;
  return code === "invalid_type" ? "The line is not a JSON object." : message;
}

/** Undefined for a line that is not JSON. Its error would contain the line, and so perhaps a hash. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
