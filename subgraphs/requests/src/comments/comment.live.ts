import { NotFound } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeIdOrNull, encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { ResolverClass, SubgraphModule } from "@weft/api/subgraph";
import { ArgsType, Field, ID, ObjectType, registerEnumType } from "type-graphql";
import { requestLoader } from "../requests/request.loader.js";
import { Request } from "../requests/request.type.js";
import { requestCommentLoader } from "./comment.loader.js";
import { isReadableDeletion } from "./comment.store.js";
import { RequestComment } from "./comment.type.js";

const RequestCommentChange = { ADDED: "ADDED", EDITED: "EDITED", DELETED: "DELETED" } as const;
type RequestCommentChange = keyof typeof RequestCommentChange;

registerEnumType(RequestCommentChange, {
  name: "RequestCommentChange",
  description: "Kind of change of a comment.",
  valuesConfig: {
    ADDED: { description: "The comment was added." },
    EDITED: { description: "Its author changed the text." },
    DELETED: { description: "It was deleted." },
  },
});

@ObjectType({ description: "A change of a comment on a request. The change is as of the event; the comment is as it is now." })
@Allow(can("request.read"))
export class RequestCommentChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to receive later events." })
  @Allow(inherit)
  cursor!: string;

  @Field(() => RequestCommentChange, { description: "Kind of change." })
  change!: RequestCommentChange;

  @Field(() => ID, { description: "ID of the comment (`rqc_…`), also if it was deleted." })
  commentId!: string;

  @Field(() => RequestComment, { nullable: true, description: "The comment. Null if it was deleted." })
  comment!: RequestComment | null;

  @Field(() => Request, { description: "The request." })
  request!: Request;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}

@ArgsType()
class RequestCommentChangedArgs {
  @Field(() => ID, { nullable: true, description: "ID of a request (default: all requests that you can see)." })
  requestId?: string | null;
}

/**
 * Live comments. Not a part of `requestChanged`, whose payloads users share: here each viewer's rights decide for each comment whether there is a
 * payload.
 */
export const RequestCommentChangedResolver: ResolverClass = liveField<RequestCommentChangedArgs, RequestCommentChanged>({
  name: "requestCommentChanged",
  type: () => RequestCommentChanged,
  args: RequestCommentChangedArgs,
  rule: can("request.read"),
  vendorPortal: true,
  description: "Delivers new, edited, and deleted comments that you can read. Errors: NOT_FOUND (the request), BAD_USER_INPUT.",
  resolve: async (ctx, { requestId }, event) => (event === null ? check(ctx, requestId) : changed(ctx, event)),
});

async function check(ctx: Context, requestId: string | null | undefined): Promise<null> {
  const wanted = decodeIdOrNull("request", requestId, "requestId") ?? null;
  if (wanted !== null && (await requestLoader(ctx).load(wanted)) === null) throw new NotFound("Request", requestId ?? "");
  return null;
}

async function changed(ctx: Context, event: EventEnvelope): Promise<RequestCommentChanged | null> {
  const id = event.related["requestComment"];
  const request = await requestLoader(ctx).load(event.subjectId);
  if (id === undefined || request === null) return null;
  const change = changeOf(event.type);
  // A comment that was deleted since is not delivered: its deletion follows.
  const comment = change === "DELETED" ? null : await requestCommentLoader(ctx).load(id);
  const isReadable = comment !== null || (change === "DELETED" && (await ctx.read((tx) => isReadableDeletion(tx, ctx.viewer, id))));
  if (!isReadable) return null;
  return Object.assign(new RequestCommentChanged(), {
    cursor: cursorOf(ctx, event),
    change,
    commentId: encodeId("requestComment", id),
    comment,
    request,
    occurredAt: event.occurredAt,
  });
}

function changeOf(type: string): RequestCommentChange {
  if (type === "request.commented") return "ADDED";
  return type === "request.comment_edited" ? "EDITED" : "DELETED";
}

export const requestCommentChangedModule: SubgraphModule = { resolvers: { requests: [RequestCommentChangedResolver] } };
