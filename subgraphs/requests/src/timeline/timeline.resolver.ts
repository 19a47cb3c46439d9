import { Allow, can, type Context, inherit, keysetPage, nestedRows, type Page } from "@weft/shared";
import { Args, Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { requestCommentLoader } from "../comments/comment.loader.js";
import { RequestComment } from "../comments/comment.type.js";
import { attachmentLoader } from "../files/attachment.loader.js";
import { Attachment } from "../files/attachment.type.js";
import { WorkflowInstance } from "../references.js";
import { requestLoader } from "../requests/request.loader.js";
import { Request } from "../requests/request.type.js";
import { countTimeline, listTimelines, timelineId, timelineOrder, type TimelineRow } from "./timeline.store.js";
import { RequestTimelineConnection, RequestTimelineEntry, TimelineArgs, TimelineEvent, toTimelineEntry } from "./timeline.type.js";

/** Fields that the timeline adds to requests. */
@Resolver(() => Request)
export class RequestTimelineResolver {
  @FieldResolver(() => RequestTimelineConnection, {
    description:
      "What happened to the request, newest first: steps of its workflow, assignments, changes, comments, files, SLA clocks, and escalations that you can see.",
  })
  @Allow(can("request.read"))
  timeline(
    @Root() { row }: Request,
    @Args(() => TimelineArgs) args: TimelineArgs,
    @Ctx() ctx: Context,
  ): Promise<Page<RequestTimelineEntry>> {
    const kinds = args.kinds ? [...new Set(args.kinds)].toSorted() : null;
    return keysetPage<TimelineRow, RequestTimelineEntry>(ctx, {
      args,
      list: `request.timeline ${row.id}`,
      orderBy: timelineOrder,
      id: timelineId,
      fetch: (slice) =>
        nestedRows(ctx, {
          name: `request.timeline ${kinds?.join(" ") ?? "all"}`,
          args,
          parentId: row.id,
          slice,
          select: (tx, ids) => listTimelines(tx, ctx.viewer, ids, { kinds, slice }),
          parentOf: (entry) => entry.requestId,
        }),
      count: () => ctx.read((tx) => countTimeline(tx, ctx.viewer, row.id, kinds)),
      toNode: (entry) => toTimelineEntry(entry, ctx.viewer.vendorId),
    });
  }
}

@Resolver(() => RequestTimelineEntry)
export class RequestTimelineEntryResolver {
  @FieldResolver(() => RequestComment, { nullable: true, description: "The comment on the request. Null for other events." })
  @Allow(inherit)
  async comment(@Root() { event, row }: RequestTimelineEntry, @Ctx() ctx: Context): Promise<RequestComment | null> {
    return event === TimelineEvent.REQUEST_COMMENT ? requestCommentLoader(ctx).load(row.id) : null;
  }

  @FieldResolver(() => Attachment, { nullable: true, description: "The attachment. Null for other events." })
  @Allow(inherit)
  async attachment(@Root() { event, row }: RequestTimelineEntry, @Ctx() ctx: Context): Promise<Attachment | null> {
    return event === TimelineEvent.ATTACHMENT ? attachmentLoader(ctx).load(row.id) : null;
  }

  @FieldResolver(() => Request, {
    nullable: true,
    description: "The other request of a merge or split. Null for other events, and if you cannot see it.",
  })
  @Allow(inherit)
  async otherRequest(@Root() { event, row }: RequestTimelineEntry, @Ctx() ctx: Context): Promise<Request | null> {
    return row.otherId === null || event === TimelineEvent.CONVERTED ? null : requestLoader(ctx).load(row.otherId);
  }

  @FieldResolver(() => WorkflowInstance, {
    nullable: true,
    description: "Workflow of the request until it was converted, with its fields. Null for other events, and if you cannot see it.",
  })
  @Allow(inherit)
  formerWorkflow(@Root() { event, row }: RequestTimelineEntry): WorkflowInstance | null {
    return row.otherId !== null && event === TimelineEvent.CONVERTED ? WorkflowInstance.of(row.otherId) : null;
  }
}
