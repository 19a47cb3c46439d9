/** What people can do: words by which routing rules narrow whom they mean. */
import { BadUserInput, NotFound, decodeId, encodeId, textProblems, writeAudit, type Context } from "@weft/shared";
import { userReference } from "../principals/principal.type.js";
import { toSkill } from "./target.js";
import { isOfOrganisation, replaceSkills, selectSkills } from "./user-skills.store.js";
import type { SetUserSkillsInput, UserSkills } from "./user-skills.type.js";

const MAX_SKILLS = 30;

/** Who can do what; of one skill those who have it. */
export async function listUserSkills(ctx: Context, skill: string | null): Promise<UserSkills[]> {
  const rows = await ctx.read((tx) => selectSkills(tx, skill === null ? null : toSkill(skill)));
  return rows.map(({ userId, skills }) => ({ user: userReference(userId), skills }));
}

/** Says all that a user can do. Errors: NOT_FOUND, BAD_USER_INPUT. */
export async function setUserSkills(ctx: Context, input: SetUserSkillsInput): Promise<UserSkills> {
  const id = decodeId("user", input.userId, "input.userId");
  const problems = input.skills.slice(0, MAX_SKILLS + 1).flatMap((skill, at) => textProblems(`input.skills.${at}`, skill, { max: 40 }));
  if (input.skills.length > MAX_SKILLS)
    problems.push({ path: "input.skills", message: `There are ${input.skills.length} skills; ${MAX_SKILLS} are allowed.` });
  if (problems.length > 0) throw new BadUserInput(problems);
  const skills = [...new Set(input.skills.map(toSkill))].toSorted();
  await ctx.inTenant(async (tx) => {
    if (!(await isOfOrganisation(tx, id))) throw new NotFound("User", encodeId("user", id));
    const before = await replaceSkills(tx, { tenantId: ctx.viewer.tenantId, userId: id, skills });
    // Nobody has done anything who says what was so already.
    if (JSON.stringify(before.toSorted()) === JSON.stringify(skills)) return;
    const image = (list: readonly string[]) => ({ id, skills: list.join(", ") });
    await writeAudit(tx, ctx.meta, [
      { action: "user.setSkills", entityType: "user", entityId: id, before: image(before), after: image(skills) },
    ]);
  });
  return { user: userReference(id), skills };
}
