/** What people can do: words by which routing rules narrow whom they mean. */
import { identity, workflows } from "@weft/drizzle";
import {
  Allow,
  BadUserInput,
  NotFound,
  canInTenant,
  decodeId,
  encodeId,
  inherit,
  named,
  textProblems,
  writeAudit,
  type Context,
  type Tx,
} from "@weft/shared";
import { and, eq, isNull, sql } from "drizzle-orm";
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from "type-graphql";
import { User, userReference } from "../principals/principal.type.js";
import { toSkill } from "./target.js";

const { userSkills } = workflows;
const MAX_SKILLS = 30;
const MAX_SHOWN = 500;

@ObjectType({ description: "What a user can do." })
@Allow(canInTenant("routing.read"))
export class UserSkills {
  @Field(() => User, { nullable: true, description: "Null when he cannot be shown to you." })
  user!: User | null;

  @Field(() => [String], { description: "In lower case, in alphabetical order." })
  skills!: string[];
}

@InputType({ description: "What a user can do, all of it." })
export class SetUserSkillsInput {
  @Field(() => ID, { description: "A user of the organisation, `usr_…`." })
  userId!: string;

  @Field(() => [String], {
    description: "At most 30, of at most 40 characters; kept in lower case, each once. What is not among them is taken away.",
  })
  skills!: string[];
}

@ObjectType({ description: "What the user can do." })
@Allow(inherit)
export class SetUserSkillsPayload {
  @Field(() => UserSkills, { description: "As it is now." })
  userSkills!: UserSkills;
}

@Resolver()
export class SkillsResolver {
  @Query(() => [UserSkills], {
    nullable: true,
    description: "Who can do what, of users of the organisation: at most 500 of them, those with one skill when it is given.",
  })
  @Allow(canInTenant("routing.read"))
  async userSkills(
    @Arg("skill", () => String, { nullable: true, description: "Only who has it." }) skill: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<UserSkills[]> {
    const rows = await ctx.read((tx) => selectSkills(tx, skill ?? null));
    return rows.map(({ userId, skills }) => ({ user: userReference(userId), skills }));
  }

  @Mutation(() => SetUserSkillsPayload, { description: "Says what a user can do. Errors: NOT_FOUND, BAD_USER_INPUT." })
  @Allow(canInTenant("routing.update"))
  async setUserSkills(
    @Arg("input", () => SetUserSkillsInput) input: SetUserSkillsInput,
    @Ctx() ctx: Context,
  ): Promise<SetUserSkillsPayload> {
    const id = decodeId("user", input.userId, "input.userId");
    const problems = input.skills.slice(0, MAX_SKILLS + 1).flatMap((skill, at) => textProblems(`input.skills.${at}`, skill, { max: 40 }));
    if (input.skills.length > MAX_SKILLS)
      problems.push({ path: "input.skills", message: `There are ${input.skills.length} skills; ${MAX_SKILLS} are allowed.` });
    if (problems.length > 0) throw new BadUserInput(problems);
    const skills = [...new Set(input.skills.map(toSkill))].toSorted();
    await ctx.inTenant(async (tx) => {
      if (!(await isOfOrganisation(tx, id))) throw new NotFound("User", encodeId("user", id));
      const before = await replaceSkills(tx, ctx.viewer.tenantId, id, skills);
      const image = (list: readonly string[]) => ({ id, skills: list.join(", ") });
      await writeAudit(tx, ctx.meta, [
        { action: "user.setSkills", entityType: "user", entityId: id, before: image(before), after: image(skills) },
      ]);
    });
    return { userSkills: { user: userReference(id), skills } };
  }
}

function selectSkills(tx: Tx, skill: string | null): Promise<{ userId: string; skills: string[] }[]> {
  const query = tx
    .select({ userId: userSkills.userId, skills: sql<string[]>`array_agg(${userSkills.skill} order by ${userSkills.skill})` })
    .from(userSkills)
    .where(
      skill === null
        ? undefined
        : sql`${userSkills.userId} in (select s.user_id from workflows.user_skills s where s.tenant_id = app.tenant() and s.skill = ${toSkill(skill)})`,
    )
    .groupBy(userSkills.userId)
    .orderBy(userSkills.userId)
    .limit(MAX_SHOWN);
  return named("selectSkills", query);
}

async function isOfOrganisation(tx: Tx, id: string): Promise<boolean> {
  const { users } = identity;
  const where = and(eq(users.id, id), isNull(users.vendorId), sql`${users.type} <> 'OPERATOR'`);
  return (await named("findSkilledUser", tx.select({ id: users.id }).from(users).where(where).for("update"))).length > 0;
}

async function replaceSkills(tx: Tx, tenantId: string, userId: string, skills: readonly string[]): Promise<string[]> {
  const gone = await named(
    "removeSkills",
    tx.delete(userSkills).where(eq(userSkills.userId, userId)).returning({ skill: userSkills.skill }),
  );
  if (skills.length > 0) await named("insertSkills", tx.insert(userSkills).values(skills.map((skill) => ({ tenantId, userId, skill }))));
  return gone.map(({ skill }) => skill).toSorted();
}
