import type { Context } from "@weft/api/context";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { User } from "../references.js";
import { Request, RequestPayload } from "../requests/request.type.js";
import { WatchRequestInput } from "./watcher.input.js";
import { unwatchRequest, watchRequest } from "./watcher.service.js";
import { findWatchers } from "./watcher.store.js";

@Resolver(() => Request)
export class WatcherResolver {
  @FieldResolver(() => [User], {
    nullable: "items",
    description: "Users who watch the request. Null for a user whom you cannot see. Users of a vendor see only themselves.",
  })
  @Allow(can("request.read"))
  async watchers(@Root() { row }: Request, @Ctx() ctx: Context): Promise<User[]> {
    return (await loadWatchers(ctx, row.id)).map((userId) => User.of(userId));
  }

  @FieldResolver(() => Boolean, { description: "Whether you watch the request." })
  @Allow(can("request.read"))
  async viewerIsWatching(@Root() { row }: Request, @Ctx() ctx: Context): Promise<boolean> {
    return (await loadWatchers(ctx, row.id)).includes(ctx.viewer.userId);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Watches a request: watchers are notified of its transitions and public comments. Errors: NOT_FOUND, FORBIDDEN (another user without request.triage), BAD_USER_INPUT (a user who cannot see the request).",
  })
  @Allow(can("request.read"))
  async watchRequest(@Arg("input", () => WatchRequestInput) input: WatchRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return { request: await watchRequest(ctx, input) };
  }

  @Mutation(() => RequestPayload, {
    description:
      "Stops watching a request. Errors: NOT_FOUND, FORBIDDEN (another user without request.triage), BAD_USER_INPUT (another user who does not watch it).",
  })
  @Allow(can("request.read"))
  async unwatchRequest(@Arg("input", () => WatchRequestInput) input: WatchRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return { request: await unwatchRequest(ctx, input) };
  }
}

async function loadWatchers(ctx: Context, requestId: string): Promise<readonly string[]> {
  const loader = ctx.loader<string, readonly string[]>("requestWatchers", async (tx, ids) => {
    const byRequest = Map.groupBy(await findWatchers(tx, ids), (row) => row.requestId);
    return new Map([...byRequest].map(([id, rows]) => [id, rows.map(({ userId }) => userId)]));
  });
  return (await loader.load(requestId)) ?? [];
}

export const watcherModule: SubgraphModule = { resolvers: { requests: [WatcherResolver] } };
