import { type Tx, withDeleted } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, type Page } from "@weft/api/pages";
import { allOf, Allow, canInTenant, staff } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { deleteRequest, restoreRequest } from "./delete-request.service.js";
import { countDeletedRequests, listDeletedRequests } from "./delete-request.store.js";
import { type DeletedRequest, DeletedRequestConnection, deletionOrder, toDeletedRequest } from "./deleted-request.type.js";

import { requestId } from "./request.list.js";
import type { RequestRow } from "./request.store.js";
import { RequestPayload } from "./request.type.js";

@Resolver()
export class DeleteRequestResolver {
  @Query(() => DeletedRequestConnection, { nullable: true, description: "Deleted requests, those that were deleted last first." })
  @Allow(allOf(canInTenant("request.delete"), staff))
  deletedRequests(@Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<DeletedRequest>> {
    const read = <T>(run: (tx: Tx) => Promise<T>): Promise<T> => ctx.read((tx) => withDeleted(tx, () => run(tx)));
    return keysetPage<RequestRow, DeletedRequest>(ctx, {
      args,
      list: "deletedRequests",
      orderBy: deletionOrder,
      id: requestId,
      fetch: (slice) => read((tx) => listDeletedRequests(tx, ctx.viewer, slice)),
      count: () => read((tx) => countDeletedRequests(tx, ctx.viewer)),
      toNode: toDeletedRequest,
    });
  }

  @Mutation(() => DeletePayload, {
    description:
      "Deletes a request that has ended, with its workflow, comments, and files. `restoreRequest` restores it. Errors: NOT_FOUND, CONFLICT (another version; it has not ended).",
  })
  @Allow(allOf(canInTenant("request.delete"), staff))
  async deleteRequest(
    @Arg("input", () => VersionedIdInput, { description: "The request." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    await deleteRequest(ctx, input);
    return { id: input.id };
  }

  @Mutation(() => RequestPayload, {
    description: "Restores a deleted request as it was. Errors: NOT_FOUND (also if it is not deleted), CONFLICT (another version).",
  })
  @Allow(allOf(canInTenant("request.delete"), staff))
  async restoreRequest(
    @Arg("input", () => VersionedIdInput, { description: "The request." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RequestPayload> {
    return { request: await restoreRequest(ctx, input) };
  }
}

export const deleteRequestModule: SubgraphModule = { resolvers: { requests: [DeleteRequestResolver] } };
