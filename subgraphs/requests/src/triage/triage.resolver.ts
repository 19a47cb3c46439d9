import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { Request, RequestPayload } from "../requests/request.type.js";
import { TriageRequestInput } from "./triage.input.js";
import { triageRequest } from "./triage.service.js";

@Resolver(() => Request)
export class TriageResolver {
  @FieldResolver(() => [String], {
    nullable: true,
    description: "Tags, in lower case. Only for users of the organization: tags can be as frank as internal comments.",
  })
  @Allow(staff)
  tags(@Root() { row }: Request): string[] {
    return row.tags;
  }

  @Mutation(() => RequestPayload, {
    description:
      "Sets the priority, the due date, or the tags of a request. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, TRANSITION_REJECTED (finished or suspended).",
  })
  @Allow(allOf(can("request.triage"), staff))
  triageRequest(@Arg("input", () => TriageRequestInput) input: TriageRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return triageRequest(ctx, input);
  }
}

export const triageModule: SubgraphModule = { resolvers: { requests: [TriageResolver] } };
