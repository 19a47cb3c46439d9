import type { Context } from "@weft/api/context";
import { Allow, anyone, can, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { CompleteTaskByLinkInput, CompleteTaskByLinkPayload, CreateTaskLinkInput, CreateTaskLinkPayload } from "./link.input.js";
import { completeTaskByLink, createTaskLink } from "./link.service.js";
import { TaskByLink } from "./link.type.js";
import { taskByLink } from "./task-by-link.service.js";

@Resolver()
export class TaskLinkResolver {
  @Query(() => TaskByLink, {
    nullable: true,
    description:
      "The task of an emailed link, without a login: what its recipient sees of it, with the form and the transitions that complete it. Null if the link is invalid, for whatever reason. Errors: TRANSITION_REJECTED (four eyes).",
  })
  @Allow(anyone)
  taskByLink(
    @Arg("token", () => String, { description: "Token from the email (`wtl_…`)." }) token: string,
    @Ctx() ctx: Context,
  ): Promise<TaskByLink | null> {
    return taskByLink(ctx, token);
  }

  @Mutation(() => CreateTaskLinkPayload, {
    description:
      "Emails a user a link that completes a task without a login. The link works once, on the user's behalf and with their rights, until it expires. Earlier links become invalid. Not available for tasks subject to the four-eyes principle, or for users who have, or must have, a second factor. Errors: NOT_FOUND, FORBIDDEN (a link for somebody else, or for the user of the API key that asks), BAD_USER_INPUT, TRANSITION_REJECTED (over, four eyes), RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
  })
  @Allow(can("task.claim"))
  async createTaskLink(
    @Arg("input", () => CreateTaskLinkInput) input: CreateTaskLinkInput,
    @Ctx() ctx: Context,
  ): Promise<CreateTaskLinkPayload> {
    return { expiresAt: await createTaskLink(ctx, input) };
  }

  @Mutation(() => CompleteTaskByLinkPayload, {
    description:
      "Completes the task of an emailed link without a login. A rejected call leaves the link valid. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason), NOT_FOUND (you can no longer complete the task), TRANSITION_REJECTED, BAD_USER_INPUT (comment, input), CONFLICT.",
  })
  @Allow(anyone)
  @VendorPortal()
  completeTaskByLink(
    @Arg("input", () => CompleteTaskByLinkInput) input: CompleteTaskByLinkInput,
    @Ctx() ctx: Context,
  ): Promise<CompleteTaskByLinkPayload> {
    return completeTaskByLink(ctx, input);
  }
}

export const taskLinkModule: SubgraphModule = { resolvers: { tasks: [TaskLinkResolver] } };
