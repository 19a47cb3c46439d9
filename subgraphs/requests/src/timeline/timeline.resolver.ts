import { machinesOf, type Machine } from "@weft/engine";
import type { Context } from "@weft/api/context";
import { keysetPage, nestedRows, type Page } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
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
  @FieldResolver(() => String, { nullable: true, description: "Display name of the transition. Null unless a transition was fired." })
  @Allow(inherit)
  async transitionTitle(@Root() entry: RequestTimelineEntry, @Ctx() ctx: Context): Promise<string | null> {
    const { transition, from } = entry;
    if (transition === null) return null;
    return (await statesOf(ctx, entry))?.get(from ?? "")?.transitions.get(transition)?.title ?? transition;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "Display name of the state before the step. Null for the start, and unless it is a step of the workflow.",
  })
  @Allow(inherit)
  fromTitle(@Root() entry: RequestTimelineEntry, @Ctx() ctx: Context): Promise<string | null> {
    return stateTitle(ctx, entry, entry.from);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Display name of the state after the step, from the present definition of the workflow. If that definition does not have the state, its plain name. Null unless it is a step of the workflow.",
  })
  @Allow(inherit)
  toTitle(@Root() entry: RequestTimelineEntry, @Ctx() ctx: Context): Promise<string | null> {
    return stateTitle(ctx, entry, entry.to);
  }

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

/** States of the definition of a step. Undefined if it cannot be read. All steps of the response cost one statement at most. */
async function statesOf(ctx: Context, { row }: RequestTimelineEntry): Promise<Machine["states"] | undefined> {
  if (row.definitionId === null) return undefined;
  const { tenantId } = ctx.viewer;
  const loader = ctx.loader("machineOfTimeline", (tx, ids: readonly string[]) => machinesOf(tx, tenantId, ids, ctx.computing));
  return (await loader.load(row.definitionId))?.states;
}

const stateTitle = async (ctx: Context, entry: RequestTimelineEntry, state: string | null): Promise<string | null> =>
  state && ((await statesOf(ctx, entry))?.get(state)?.title ?? state);

export const requestTimelineModule: SubgraphModule = { resolvers: { requests: [RequestTimelineResolver, RequestTimelineEntryResolver] } };
