import { liveField } from "@weft/api/live";
import { can } from "@weft/api/rules";
import type { ResolverClass, SubgraphModule } from "@weft/api/subgraph";
import { ArgsType, Field, ID } from "type-graphql";
import { assertSeen, readEditors } from "./editor.service.js";
import { RequestEditors } from "./editor.type.js";

@ArgsType()
class RequestEditorsArgs {
  @Field(() => ID, { description: "ID of a request." })
  id!: string;
}

/** Who else is editing a request. Each user has an answer of their own, because it is without them. */
export const RequestEditorsLive: ResolverClass = liveField<RequestEditorsArgs, RequestEditors>({
  name: "requestEditors",
  type: () => RequestEditors,
  args: RequestEditorsArgs,
  rule: can("request.read"),
  description:
    "The other users who are changing a request at present, or are writing a comment on it (`announceRequestActivity`). The subscription begins with the present, and delivers each change, at most five per second. Errors: NOT_FOUND, BAD_USER_INPUT.",
  present: (ctx, { id }, cursor) => readEditors(ctx, id, cursor),
  resolve: async (ctx, { id }) => {
    await assertSeen(ctx, id);
    return null;
  },
});

export const requestEditorsModule: SubgraphModule = { resolvers: { requests: [RequestEditorsLive] } };
