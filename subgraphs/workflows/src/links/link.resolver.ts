import { Allow, anyone, can, type Context } from "@weft/shared";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { CompleteTaskByLinkInput, CompleteTaskByLinkPayload, CreateTaskLinkInput, CreateTaskLinkPayload } from "./link.input.js";
import { completeTaskByLink, createTaskLink } from "./link.service.js";

@Resolver()
export class TaskLinkResolver {
  @Mutation(() => CreateTaskLinkPayload, {
    description:
      "Mails somebody a link that completes a task without a login: once, in that person's name and by their rights, until it expires. Links of before are void. Not for tasks under four eyes. Errors: NOT_FOUND, FORBIDDEN (somebody else's), BAD_USER_INPUT, TRANSITION_REJECTED (over, four eyes), RATE_LIMITED, SERVICE_UNAVAILABLE (no mail server).",
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
      "Completes the task of a link from a mail, without a login. What is refused leaves the link as it is. Errors: UNAUTHENTICATED (a link that does not work, one answer for every reason), NOT_FOUND (you may not do it any more), TRANSITION_REJECTED, BAD_USER_INPUT (comment, input), CONFLICT.",
  })
  @Allow(anyone)
  completeTaskByLink(
    @Arg("input", () => CompleteTaskByLinkInput) input: CompleteTaskByLinkInput,
    @Ctx() ctx: Context,
  ): Promise<CompleteTaskByLinkPayload> {
    return completeTaskByLink(ctx, input);
  }
}
