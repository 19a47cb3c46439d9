import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { SplitRequestInput, SplitRequestPayload } from "./split.input.js";
import { splitRequest } from "./split.service.js";

@Resolver()
export class SplitResolver {
  @Mutation(() => SplitRequestPayload, {
    description:
      "Splits off a part of a request as a new one: a draft with the same owner and place, a link to it, and copies of the given comments and files. Submit it with `submitRequest`. Errors: NOT_FOUND, FORBIDDEN (you do not work on the request), BAD_USER_INPUT (type; fields; comments; attachments; more than 100 links), CONFLICT (idempotency key), LIMIT_EXCEEDED (attachments).",
  })
  @Allow(allOf(can("request.triage"), can("request.create"), staff))
  splitRequest(@Arg("input", () => SplitRequestInput) input: SplitRequestInput, @Ctx() ctx: Context): Promise<SplitRequestPayload> {
    return splitRequest(ctx, input);
  }
}

export const splitModule: SubgraphModule = { resolvers: { requests: [SplitResolver] } };
