import type { Context } from "@weft/api/context";
import { Allow, can, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { AnnounceRequestActivityInput } from "./editor.input.js";
import { announceActivity } from "./editor.service.js";
import { AnnounceRequestActivityPayload } from "./editor.type.js";

@Resolver()
export class RequestEditorResolver {
  @Mutation(() => AnnounceRequestActivityPayload, {
    description:
      "Shows other users for 20 seconds that you are changing a request, or are writing a comment on it, before you save anything. Repeat it every 10 seconds, and end it with a null `activity`. It also ends with your session. Nothing of it is kept. Errors: NOT_FOUND, BAD_USER_INPUT, RATE_LIMITED (more than 20 requests at the same time).",
  })
  @Allow(can("request.read"))
  @VendorPortal()
  announceRequestActivity(
    @Arg("input", () => AnnounceRequestActivityInput) input: AnnounceRequestActivityInput,
    @Ctx() ctx: Context,
  ): Promise<AnnounceRequestActivityPayload> {
    return announceActivity(ctx, input);
  }
}

export const requestEditorModule: SubgraphModule = { resolvers: { requests: [RequestEditorResolver] } };
