import { actorOf, explainFor } from "@weft/engine";
import { decodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { Allow, can, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { toTransitionExplanation, TransitionExplanation } from "./explain.type.js";
import { mayFire } from "../instance.service.js";

@Resolver()
export class TransitionExplanationResolver {
  @Query(() => TransitionExplanation, {
    nullable: true,
    description:
      "Explains each rule that applies to your use of a transition, evaluated exactly as by `fireTransition`. Transitions that are not available now are explained too. Errors: NOT_FOUND (the instance), BAD_USER_INPUT (the ID).",
  })
  @Allow(can("workflow.read"))
  @VendorPortal()
  explainTransition(
    @Arg("instanceId", () => ID, { description: "ID of the instance (`wfi_…`)." }) instanceId: string,
    @Arg("transition", () => String, { description: "Name of the transition." }) transition: string,
    @Ctx() ctx: Context,
  ): Promise<TransitionExplanation> {
    const id = decodeId("instance", instanceId, "instanceId");
    return ctx.read(async (tx) => {
      const explained = await explainFor(tx, { id, transition, actor: actorOf(ctx.viewer) });
      return toTransitionExplanation(explained, await mayFire(tx, ctx, id));
    });
  }
}

export const transitionExplanationModule: SubgraphModule = { resolvers: { workflows: [TransitionExplanationResolver] } };
