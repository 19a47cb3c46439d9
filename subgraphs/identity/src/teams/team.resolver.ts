import { NotFound } from "@weft/shared/errors";
import { decodeId, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import type { Page } from "@weft/api/pages";
import { Allow, anyOf, can, canInTenant, inherit, leadsATeam, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { loadUser } from "../users/user.loader.js";
import { User } from "../users/user.type.js";
import { AddTeamMemberInput, RemoveTeamMemberInput, TeamConnection, TeamMember, TeamsArgs } from "./team.input.js";
import { listTeams } from "./team-list.service.js";
import { loadLeads, loadMembers, loadTeam, loadTeams } from "./team.loader.js";
import { addTeamMember, removeTeamMember } from "./membership.service.js";
import { mayChangeMembers } from "./team-reach.js";
import { deleteTeam } from "./delete-team.service.js";
import { createTeam, updateTeam } from "./team.service.js";
import { CreateTeamInput, Team, toTeam, TeamPayload, UpdateTeamInput } from "./team.type.js";

@Resolver(() => Team)
export class TeamResolver {
  @Query(() => Team, { nullable: true, description: "A team of the tenant. Errors: NOT_FOUND." })
  @Allow(can("team.read"))
  async team(@Arg("id", () => ID, { description: "TypeID." }) id: string, @Ctx() ctx: Context): Promise<Team> {
    const team = await loadTeam(ctx, decodeId("team", id));
    if (!team) throw new NotFound("Team", id);
    return team;
  }

  @Query(() => TeamConnection, { nullable: true, description: "Teams of the tenant that you can see. Errors: BAD_USER_INPUT." })
  @Allow(can("team.read"))
  teams(@Args(() => TeamsArgs) args: TeamsArgs, @Ctx() ctx: Context): Promise<Page<Team>> {
    return listTeams(ctx, args);
  }

  @FieldResolver(() => [TeamMember], { description: "Members: leads first, then by name (at most 100)." })
  @Allow(can("team.read"))
  members(@Root() team: Team, @Ctx() ctx: Context): Promise<TeamMember[]> {
    return loadMembers(ctx, team.uuid);
  }

  @FieldResolver(() => [User], { description: "Leads of the team that you can see, by name." })
  @Allow(can("team.read"))
  leads(@Root() team: Team, @Ctx() ctx: Context): Promise<User[]> {
    return loadLeads(ctx, team.uuid);
  }

  @FieldResolver(() => Boolean, { description: "Whether you can add and remove members." })
  @Allow(inherit)
  viewerCanChangeMembers(@Root() team: Team, @Ctx() ctx: Context): boolean {
    return mayChangeMembers(ctx.viewer, team.uuid);
  }

  @Mutation(() => TeamPayload, { description: "Creates a team. Errors: BAD_USER_INPUT, CONFLICT." })
  @Allow(canInTenant("team.update"))
  async createTeam(
    @Arg("input", () => CreateTeamInput, { description: "The input." }) input: CreateTeamInput,
    @Ctx() ctx: Context,
  ): Promise<TeamPayload> {
    return { team: toTeam(await createTeam(ctx, input)) };
  }

  @Mutation(() => TeamPayload, {
    description: "Changes the name or description of a team. Its key cannot change. Errors: NOT_FOUND, BAD_USER_INPUT, CONFLICT.",
  })
  @Allow(can("team.update"))
  async updateTeam(
    @Arg("input", () => UpdateTeamInput, { description: "The input." }) input: UpdateTeamInput,
    @Ctx() ctx: Context,
  ): Promise<TeamPayload> {
    return { team: toTeam(await updateTeam(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a team without members, unfinished workflows or tasks, routing rules, chats, and definitions that can start or still run. Its key becomes available again; finished workflows keep their history. Errors: NOT_FOUND, CONFLICT (with the number of each in `dependents`).",
  })
  @Allow(canInTenant("team.update"))
  async deleteTeam(
    @Arg("input", () => VersionedIdInput, { description: "The team." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: encodeId("team", await deleteTeam(ctx, input)) };
  }

  @Mutation(() => TeamPayload, {
    description:
      "Adds a member, or changes whether a member leads. A lead can add members to the team but cannot appoint leads. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(anyOf(leadsATeam, can("team.update")))
  @RequiresRecentLogin()
  async addTeamMember(
    @Arg("input", () => AddTeamMemberInput, { description: "The input." }) input: AddTeamMemberInput,
    @Ctx() ctx: Context,
  ): Promise<TeamPayload> {
    return { team: toTeam(await addTeamMember(ctx, input)) };
  }

  @Mutation(() => TeamPayload, {
    description:
      "Removes a member from the team. A lead can remove members of the team except other leads. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, FORBIDDEN.",
  })
  @Allow(anyOf(leadsATeam, can("team.update")))
  @RequiresRecentLogin()
  async removeTeamMember(
    @Arg("input", () => RemoveTeamMemberInput, { description: "The input." }) input: RemoveTeamMemberInput,
    @Ctx() ctx: Context,
  ): Promise<TeamPayload> {
    return { team: toTeam(await removeTeamMember(ctx, input)) };
  }
}

@Resolver(() => TeamMember)
export class TeamMemberResolver {
  @FieldResolver(() => User, { nullable: true, description: "The user. Null if you cannot see the user." })
  @Allow(inherit)
  user(@Root() member: TeamMember, @Ctx() ctx: Context): Promise<User | null> {
    return loadUser(ctx, member.userUuid);
  }
}

export const teamModule: SubgraphModule = { resolvers: { people: [TeamResolver, TeamMemberResolver] }, references: { Team: loadTeams } };
