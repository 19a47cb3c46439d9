import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { MergeRequestsInput, MergeRequestsPayload } from "./merge.input.js";
import { mergeRequests } from "./merge.service.js";

@Resolver()
export class MergeResolver {
  @Mutation(() => MergeRequestsPayload, {
    description:
      "Merges a request into another one: links it as its duplicate, copies its comments and files, adds its watchers who can see the other one, moves its links, and cancels it. If the two have different owners or vendors, the copies are internal. Errors: NOT_FOUND, FORBIDDEN (you do not work on both), CONFLICT, BAD_USER_INPUT (the other request; a cycle; another original; more than 100 links), TRANSITION_REJECTED (one of the two has ended), LIMIT_EXCEEDED (attachments).",
  })
  @Allow(allOf(can("request.triage"), staff))
  mergeRequests(@Arg("input", () => MergeRequestsInput) input: MergeRequestsInput, @Ctx() ctx: Context): Promise<MergeRequestsPayload> {
    return mergeRequests(ctx, input);
  }
}

export const mergeModule: SubgraphModule = { resolvers: { requests: [MergeResolver] } };
