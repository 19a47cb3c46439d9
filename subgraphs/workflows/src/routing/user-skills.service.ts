/** Skills of users, which routing rules use to narrow their candidates. */
import { BadUserInput, NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import { textProblems } from "@weft/shared/texts";
import { writeAudit } from "@weft/platform/audit";
import type { Context } from "@weft/api/context";
import { User } from "../principals/principal.type.js";
import { toSkill } from "./target.js";
import { isUserOfOrganization, replaceSkills, selectSkills } from "./user-skills.store.js";
import type { SetUserSkillsInput, UserSkills } from "./user-skills.type.js";

const MAX_SKILLS = 30;

/** Returns the skills of users, or the users with one skill. */
export async function listUserSkills(ctx: Context, skill: string | null): Promise<UserSkills[]> {
  const rows = await ctx.read((tx) => selectSkills(tx, skill === null ? null : toSkill(skill)));
  return rows.map(({ userId, skills }) => ({ user: User.of(userId), skills }));
}

/** Sets all skills of a user. Errors: NOT_FOUND, BAD_USER_INPUT. */
export async function setUserSkills(ctx: Context, input: SetUserSkillsInput): Promise<UserSkills> {
  const id = decodeId("user", input.userId, "input.userId");
  const problems = input.skills.slice(0, MAX_SKILLS + 1).flatMap((skill, at) => textProblems(`input.skills.${at}`, skill, { max: 40 }));
  if (input.skills.length > MAX_SKILLS)
    problems.push({ path: "input.skills", message: `${input.skills.length} skills were passed; the maximum is ${MAX_SKILLS}.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  const skills = [...new Set(input.skills.map(toSkill))].toSorted();
  await ctx.inTenant(async (tx) => {
    if (!(await isUserOfOrganization(tx, id))) throw new NotFound("User", encodeId("user", id));
    const before = await replaceSkills(tx, { tenantId: ctx.viewer.tenantId, userId: id, skills });
    // A call that changes nothing is not audited.
    if (JSON.stringify(before.toSorted()) === JSON.stringify(skills)) return;
    const image = (list: readonly string[]) => ({ id, skills: list.join(", ") });
    await writeAudit(tx, ctx.meta, [
      { action: "user.setSkills", entityType: "user", entityId: id, before: image(before), after: image(skills) },
    ]);
  });
  return { user: User.of(id), skills };
}
