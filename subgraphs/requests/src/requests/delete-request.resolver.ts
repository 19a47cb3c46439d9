import { Allow, allOf, canInTenant, ConnectionArgs, type Context, keysetPage, type Page, staff, type Tx, withDeleted } from "@weft/shared";
import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { deleteRequest, restoreRequest } from "./delete-request.service.js";
import { countDeletedRequests, listDeletedRequests } from "./delete-request.store.js";
import { type DeletedRequest, DeletedRequestConnection, deletionOrder, toDeletedRequest } from "./deleted-request.type.js";
import { DeleteRequestPayload, RequestDeletionInput, RestoreRequestPayload } from "./request.input.js";
import { requestId } from "./request.list.js";
import type { RequestRow } from "./request.store.js";

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

  @Mutation(() => DeleteRequestPayload, {
    description:
      "Deletes a request that has ended, with its workflow, comments, and files. `restoreRequest` restores it. Errors: NOT_FOUND, CONFLICT (another version; it has not ended).",
  })
  @Allow(allOf(canInTenant("request.delete"), staff))
  async deleteRequest(
    @Arg("input", () => RequestDeletionInput) input: RequestDeletionInput,
    @Ctx() ctx: Context,
  ): Promise<DeleteRequestPayload> {
    await deleteRequest(ctx, input);
    return { requestId: input.id };
  }

  @Mutation(() => RestoreRequestPayload, {
    description: "Restores a deleted request as it was. Errors: NOT_FOUND (also if it is not deleted), CONFLICT (another version).",
  })
  @Allow(allOf(canInTenant("request.delete"), staff))
  async restoreRequest(
    @Arg("input", () => RequestDeletionInput) input: RequestDeletionInput,
    @Ctx() ctx: Context,
  ): Promise<RestoreRequestPayload> {
    return { request: await restoreRequest(ctx, input) };
  }
}
