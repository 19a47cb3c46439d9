import type { Context } from "@weft/api/context";
import { DeletePayload, IdInput } from "@weft/api/inputs";
import { Allow, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, Team, teamStub } from "../../nodes/entity.type.js";
import { TestTeamNotificationDestinationPayload } from "./team-destination.input.js";
import * as service from "./team-destination.service.js";
import {
  managesTeamChats,
  TeamNotificationDestination,
  toTeamDestination,
  TeamNotificationDestinationPayload,
  AddTeamNotificationDestinationInput,
  UpdateTeamNotificationDestinationInput,
} from "./team-destination.type.js";

@Resolver(() => TeamNotificationDestination)
export class TeamNotificationDestinationResolver {
  @Query(() => [TeamNotificationDestination], {
    nullable: true,
    description:
      "Chats of a team to which rules of notifications send, oldest first (at most 20). Requires `team.update` for the team, or `notification.manage`. Errors: NOT_FOUND (the team), BAD_USER_INPUT (the ID).",
  })
  @Allow(managesTeamChats)
  async teamNotificationDestinations(
    @Arg("teamId", () => ID, { description: "ID of the team (`tem_…`)." }) teamId: string,
    @Ctx() ctx: Context,
  ): Promise<TeamNotificationDestination[]> {
    return (await service.readTeamDestinations(ctx, teamId)).map(toTeamDestination);
  }

  @FieldResolver(() => Team, { nullable: true, description: "The team. Null if you cannot see it." })
  @Allow(inherit)
  team(@Root() { teamUuid }: TeamNotificationDestination): EntityStub {
    return teamStub(teamUuid);
  }

  @Mutation(() => TeamNotificationDestinationPayload, {
    description:
      "Adds a chat to a team, so that rules of notifications can send to it. One with the same URL is replaced and activated. Requires `team.update` for the team, or `notification.manage` with `event.read` in scope TENANT. Errors: REAUTH_REQUIRED, NOT_FOUND (the team), FORBIDDEN, BAD_USER_INPUT, URL_FORBIDDEN.",
  })
  @Allow(managesTeamChats)
  @RequiresRecentLogin()
  async addTeamNotificationDestination(
    @Arg("input", () => AddTeamNotificationDestinationInput, { description: "The input." }) input: AddTeamNotificationDestinationInput,
    @Ctx() ctx: Context,
  ): Promise<TeamNotificationDestinationPayload> {
    return { destination: toTeamDestination(await service.addTeamDestination(ctx, input)) };
  }

  @Mutation(() => TeamNotificationDestinationPayload, {
    description:
      "Changes a chat of a team. A new URL activates it, and requires the same permissions as adding a chat. Errors: REAUTH_REQUIRED, NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, URL_FORBIDDEN.",
  })
  @Allow(managesTeamChats)
  @RequiresRecentLogin()
  async updateTeamNotificationDestination(
    @Arg("input", () => UpdateTeamNotificationDestinationInput, { description: "The input." })
    input: UpdateTeamNotificationDestinationInput,
    @Ctx() ctx: Context,
  ): Promise<TeamNotificationDestinationPayload> {
    return { destination: toTeamDestination(await service.updateTeamDestination(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description:
      "Removes a chat of a team. What waits for it is not sent. Repeating the call changes nothing. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(managesTeamChats)
  async removeTeamNotificationDestination(
    @Arg("input", () => IdInput, { description: "ID of the chat (`nds_…`)." })
    input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await service.removeTeamDestination(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => TestTeamNotificationDestinationPayload, {
    description:
      "Sends a test message to a chat of a team now, and returns whether it was accepted. A chat that no longer exists is disabled. Errors: NOT_FOUND, BAD_USER_INPUT (the ID).",
  })
  @Allow(managesTeamChats)
  async testTeamNotificationDestination(
    @Arg("input", () => IdInput, { description: "ID of the chat (`nds_…`)." })
    input: IdInput,
    @Ctx() ctx: Context,
  ): Promise<TestTeamNotificationDestinationPayload> {
    const { destination, error } = await service.testTeamDestination(ctx, input);
    return { destination: toTeamDestination(destination), isAccepted: error === null, error };
  }
}

export const teamNotificationDestinationModule: SubgraphModule = { resolvers: { notifications: [TeamNotificationDestinationResolver] } };
