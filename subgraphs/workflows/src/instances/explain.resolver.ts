import { actorOf, explainFor } from "@weft/engine";
import { Allow, can, decodeId, type Context } from "@weft/shared";
import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { toTransitionExplanation, TransitionExplanation } from "./explain.type.js";
import { mayFire } from "./instance.service.js";

@Resolver()
export class TransitionExplanationResolver {
  @Query(() => TransitionExplanation, {
    nullable: true,
    description:
      "Each rule between you and a transition of an instance, from the same evaluation as `fireTransition`. A name that is not open now is explained too. Errors: NOT_FOUND (the instance), BAD_USER_INPUT (the id).",
  })
  @Allow(can("workflow.read"))
  explainTransition(
    @Arg("instanceId", () => ID, { description: "The instance's id, `wfi_…`." }) instanceId: string,
    @Arg("transition", () => String, { description: "The transition's name." }) transition: string,
    @Ctx() ctx: Context,
  ): Promise<TransitionExplanation> {
    const id = decodeId("instance", instanceId, "instanceId");
    return ctx.read(async (tx) => {
      const explained = await explainFor(tx, { id, transition, actor: actorOf(ctx.viewer) });
      return toTransitionExplanation(explained, await mayFire(tx, ctx, id));
    });
  }
}
