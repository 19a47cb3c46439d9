import { BadUserInput, Conflict, Forbidden, type Problem, quote } from "@weft/shared/errors";
import { writeAudit } from "@weft/platform/audit";
import { appendEvents } from "@weft/platform/events";
import type { Context } from "@weft/api/context";
import type { UpdateProfileInput } from "./profile.type.js";
import { nameProblems } from "../user-problems.js";
import { expectedValues, profileReaders } from "./profile-values.js";
import { indexUser, lockUser, updateUserRow } from "../user.store.js";
import type { UserRow } from "../user.store.js";

const columns = ["name", "title", "phone", "locale", "timeZone", "avatarUrl"] as const;
type Changes = Partial<Pick<UserRow, (typeof columns)[number]>>;

/**
 * Updates the viewer's own profile, which requires no permission. Login names and rights are changed by `updateUser`.
 * @throws BadUserInput, Forbidden, Conflict (version)
 */
export async function updateProfile(ctx: Context, input: UpdateProfileInput): Promise<UserRow> {
  const { userId, userType } = ctx.viewer;
  // The name of an operator user identifies it as such, and it remains after the operator's session.
  if (userType === "OPERATOR") throw new Forbidden("Platform operators have no profile here.");
  const { changes, problems } = changesOf(input);
  if (problems.length > 0) throw new BadUserInput(problems);
  return ctx.inTenant(async (tx) => {
    const before = await lockUser(tx, userId);
    if (!before) throw new Error(`The viewer ${userId} is not a user.`);
    if (typeof input.expectedVersion === "number" && input.expectedVersion !== before.version) {
      throw new Conflict(`The user has version ${before.version}, not ${input.expectedVersion}.`, { currentVersion: before.version });
    }
    const changed = columns.filter((column) => changes[column] !== undefined && changes[column] !== before[column]);
    if (changed.length === 0) return before;
    const after = await updateUserRow(tx, { id: userId, changes, raisesRights: false });
    if (changed.includes("name")) await indexUser(tx, userId);
    await writeAudit(tx, ctx.meta, [{ action: "user.updateProfile", entityType: "user", entityId: userId, before, after }]);
    await appendEvents(tx, ctx.meta, [{ type: "user.updated", subjectId: userId, subjectVersion: after.version, payload: { changed } }]);
    return after;
  });
}

function changesOf(input: UpdateProfileInput): { changes: Changes; problems: Problem[] } {
  const changes: Changes = {};
  const problems: Problem[] = [];
  if (typeof input.name === "string") {
    changes.name = input.name.trim();
    problems.push(...nameProblems(changes.name));
  }
  for (const [field, read] of Object.entries(profileReaders) as [keyof typeof profileReaders, (text: string) => string | null][]) {
    const given = input[field];
    if (given === undefined) continue;
    const text = given?.trim() ?? "";
    const value = text === "" ? null : read(text);
    if (text !== "" && value === null)
      problems.push({ path: `input.${field}`, message: `${quote(text)} is not a valid ${expectedValues[field]}.` });
    else changes[field] = value;
  }
  return { changes, problems };
}
