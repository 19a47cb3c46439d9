import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { ConvertRequestInput } from "./convert.input.js";
import { convertRequest } from "./convert.service.js";
import { RequestPayload } from "../requests/request.type.js";

@Resolver()
export class ConvertResolver {
  @Mutation(() => RequestPayload, {
    description:
      "Converts a request to another type. It keeps its ID, number, owner, comments, files, watchers, and links. The workflow of the new type starts in its initial state, without an assignee; the former workflow is cancelled, and stays in the timeline. Submit the request with `submitRequest`. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (type; fields), TRANSITION_REJECTED (the request has ended), LIMIT_EXCEEDED (executions).",
  })
  @Allow(allOf(can("request.triage"), staff))
  convertRequest(@Arg("input", () => ConvertRequestInput) input: ConvertRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return convertRequest(ctx, input);
  }
}

export const convertModule: SubgraphModule = { resolvers: { requests: [ConvertResolver] } };
