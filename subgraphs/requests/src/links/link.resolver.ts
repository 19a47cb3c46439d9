import type { Context } from "@weft/api/context";
import { allOf, Allow, can, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { requestLoader } from "../requests/request.loader.js";
import { Request, RequestPayload } from "../requests/request.type.js";
import { LinkRequestsInput } from "./link.input.js";
import { linkRequests, unlinkRequests } from "./link.service.js";
import { findLinks, type LinkRow } from "./link.store.js";
import { RequestLink, type RequestLinkKind } from "./link.type.js";

@Resolver(() => Request)
export class LinkResolver {
  @FieldResolver(() => [RequestLink], { description: "Links to and from other requests that you can see, oldest first." })
  @Allow(can("request.read"))
  async links(@Root() { row }: Request, @Ctx() ctx: Context): Promise<RequestLink[]> {
    const found = await Promise.all(
      (await loadLinks(ctx, row.id)).map(async (link) => {
        const isInverse = link.toId === row.id;
        const request = await requestLoader(ctx).load(isInverse ? link.fromId : link.toId);
        return request === null ? [] : [Object.assign(new RequestLink(), { kind: link.kind as RequestLinkKind, isInverse, request })];
      }),
    );
    return found.flat();
  }

  @Mutation(() => RequestPayload, {
    description:
      "Links a request to another one. Errors: NOT_FOUND, BAD_USER_INPUT (the other request; a cycle; a second parent or original; more than 100 links).",
  })
  @Allow(allOf(can("request.triage"), staff))
  async linkRequests(@Arg("input", () => LinkRequestsInput) input: LinkRequestsInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return { request: await linkRequests(ctx, input) };
  }

  @Mutation(() => RequestPayload, { description: "Removes a link. Errors: NOT_FOUND, BAD_USER_INPUT (the other request)." })
  @Allow(allOf(can("request.triage"), staff))
  async unlinkRequests(@Arg("input", () => LinkRequestsInput) input: LinkRequestsInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return { request: await unlinkRequests(ctx, input) };
  }
}

async function loadLinks(ctx: Context, requestId: string): Promise<readonly LinkRow[]> {
  const loader = ctx.loader<string, readonly LinkRow[]>("requestLinks", async (tx, ids) => {
    const rows = await findLinks(tx, ids);
    return new Map(ids.map((id) => [id, rows.filter(({ fromId, toId }) => fromId === id || toId === id)]));
  });
  return (await loader.load(requestId)) ?? [];
}

export const linkModule: SubgraphModule = { resolvers: { requests: [LinkResolver] } };
