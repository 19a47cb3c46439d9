import { requests as tables } from "@weft/drizzle";
import { type Context, referencesThrough } from "@weft/api/context";
import { VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { Allow, can, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { canCommentInternally } from "../requests/request-reader.service.js";
import { requestLoader } from "../requests/request.loader.js";
import { Request, RequestPayload } from "../requests/request.type.js";
import { CommentOnRequestPayload } from "./comment-payload.type.js";
import { loadCommentVersions, requestCommentLoader } from "./comment.loader.js";
import * as service from "./comment.service.js";
import { type CommentRow, countComments, listCommentsOfRequests } from "./comment.store.js";
import {
  CommentOnRequestInput,
  EditRequestCommentInput,
  RequestComment,
  RequestCommentConnection,
  RequestCommentVersion,
  toRequestComment,
  RequestCommentPayload,
} from "./comment.type.js";

const { comments } = tables;

/** Fields that comments add to requests. */
@Resolver(() => Request)
export class RequestCommentsResolver {
  @FieldResolver(() => RequestCommentConnection, { description: "Comments that you can read, newest first." })
  @Allow(can("request.read"))
  comments(@Root() { row }: Request, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<RequestComment>> {
    return keysetPage<CommentRow, RequestComment>(ctx, {
      args,
      list: `request.comments ${row.id}`,
      orderBy: null,
      id: { column: comments.id, valueOf: (comment) => comment.id },
      fetch: (slice) =>
        nestedRows(ctx, {
          name: "request.comments",
          args,
          parentId: row.id,
          slice,
          select: (tx, ids) => listCommentsOfRequests(tx, ctx.viewer, ids, slice),
          parentOf: (comment) => comment.requestId,
        }),
      count: () => ctx.read((tx) => countComments(tx, ctx.viewer, row.id)),
      toNode: toRequestComment,
    });
  }

  @FieldResolver(() => Boolean, {
    description:
      "Whether you can write internal comments, which the requester and vendors don't see. Requesters without further permissions, and users of vendors, cannot.",
  })
  @Allow(can("request.read"))
  viewerCanCommentInternally(@Root() { row }: Request, @Ctx() ctx: Context): Promise<boolean> {
    return canCommentInternally(ctx, row.id);
  }
}

@Resolver(() => RequestComment)
export class RequestCommentResolver {
  @FieldResolver(() => [RequestCommentVersion], { description: "Earlier texts, oldest first. Empty if it was never edited." })
  @Allow(inherit)
  versions(@Root() { row }: RequestComment, @Ctx() ctx: Context): Promise<RequestCommentVersion[]> {
    return row.version === 1 ? Promise.resolve([]) : loadCommentVersions(ctx, row.id);
  }

  @FieldResolver(() => Request, {
    nullable: true,
    description:
      "Request from which the comment was copied, by merging or splitting requests. Null if it was not, or if you cannot see that request.",
  })
  @Allow(inherit)
  async copiedFrom(@Root() { row }: RequestComment, @Ctx() ctx: Context): Promise<Request | null> {
    const original = row.copiedFromId === null ? null : await requestCommentLoader(ctx).load(row.copiedFromId);
    return original === null ? null : requestLoader(ctx).load(original.row.requestId);
  }

  @Mutation(() => CommentOnRequestPayload, {
    description:
      "Adds a comment to a request, in any state. Errors: NOT_FOUND, FORBIDDEN (files without the permission file.create), BAD_USER_INPUT (text; files; mentioned users who cannot read the comment; `INTERNAL` by a user of a vendor or by the owner alone), LIMIT_EXCEEDED (attachments), CONFLICT (idempotency key).",
  })
  @Allow(can("request.comment"))
  @VendorPortal()
  commentOnRequest(
    @Arg("input", () => CommentOnRequestInput) input: CommentOnRequestInput,
    @Ctx() ctx: Context,
  ): Promise<CommentOnRequestPayload> {
    return service.commentOnRequest(ctx, input);
  }

  @Mutation(() => RequestCommentPayload, {
    description:
      "Changes the text of your own comment. The earlier text stays in `versions`. Errors: NOT_FOUND, FORBIDDEN (not your comment), CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(can("request.comment"))
  @VendorPortal()
  editRequestComment(
    @Arg("input", () => EditRequestCommentInput) input: EditRequestCommentInput,
    @Ctx() ctx: Context,
  ): Promise<RequestCommentPayload> {
    return service.editRequestComment(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Deletes your own comment with its earlier texts and its files. With the permission comment.delete, also comments of others. Nothing can restore it. Errors: NOT_FOUND, FORBIDDEN (not your comment), CONFLICT.",
  })
  @Allow(can("request.comment"))
  @VendorPortal()
  deleteRequestComment(
    @Arg("input", () => VersionedIdInput, { description: "The comment (`rqc_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RequestPayload> {
    return service.deleteRequestComment(ctx, input);
  }
}

export const requestCommentsModule: SubgraphModule = {
  resolvers: { requests: [RequestCommentsResolver, RequestCommentResolver] },
  references: { RequestComment: referencesThrough(requestCommentLoader) },
};
