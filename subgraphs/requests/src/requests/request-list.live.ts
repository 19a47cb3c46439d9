import { type AccessValues, isInstanceVisible } from "@weft/platform/rights";
import { BadUserInput, Forbidden } from "@weft/shared/errors";
import type { EventEnvelope, EventPayload } from "@weft/shared/event-catalog";
import { encodeId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { ResolverClass, SubgraphModule } from "@weft/api/subgraph";
import { eq } from "drizzle-orm";
import { requests as tables } from "@weft/drizzle";
import type { GraphQLSchema } from "graphql";
import { ArgsType, Field, ID, ObjectType } from "type-graphql";
import { isReadableComment } from "../comments/comment-reader.service.js";
import { requestConditions, type RequestConditions } from "./request-conditions.js";
import { RequestFilter } from "./request.list.js";
import { requestLoader } from "./request.loader.js";
import { countRequests, findRequestAccess } from "./request.store.js";
import { Request } from "./request.type.js";

const { requests } = tables;

@ObjectType({ description: "A change of a request, as a list of requests has to show it." })
@Allow(can("request.read"))
@ViewerIndependent("request.read")
export class RequestListChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to receive later events." })
  @Allow(inherit)
  cursor!: string;

  @Field(() => ID, { description: "ID of the request." })
  @Allow(inherit)
  requestId!: string;

  @Field(() => Request, {
    nullable: true,
    description: "The request in its current state: add it to the list, or replace it. Null if the list does not contain it: remove it.",
  })
  // The filter reads the workflows that the user can see.
  @ViewerIndependent("request.read", "workflow.read")
  request!: Request | null;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;
}

@ArgsType()
class RequestListChangedArgs {
  @Field(() => RequestFilter.Input, { nullable: true, description: "Filter of the list. `watcher` is not supported." })
  filter?: FilterValue | null;

  @Field(() => ID, { nullable: true, description: "ID of a saved view of requests. Its filter applies in addition to `filter`." })
  viewId?: string | null;
}

/**
 * Live changes of a list of requests. Nothing is remembered about a subscription, so that it can be resumed on another gateway: each event says whether
 * the list contains the request now, whether or not it did before.
 */
export const RequestListChangedResolver: ResolverClass = liveField<RequestListChangedArgs, RequestListChanged>({
  name: "requestListChanged",
  type: () => RequestListChanged,
  args: RequestListChangedArgs,
  rule: can("request.read"),
  viewerIndependent: ["request.read"],
  vendorPortal: true,
  description:
    "Delivers what changes in the list of requests with the same `filter` and `viewId`: requests that enter it, change, or leave it. Errors: BAD_USER_INPUT (unknown view; a condition on `watcher`), FORBIDDEN (a condition that requires another permission).",
  resolve: (ctx, args, event, schema) => (event === null ? check(ctx, args, schema) : changed(ctx, { args, event, schema })),
});

async function check(ctx: Context, args: RequestListChangedArgs, schema: GraphQLSchema): Promise<null> {
  await conditionsOf(ctx, args, schema);
  return null;
}

/** @throws BadUserInput for a condition that can start or cease to match without an event */
async function conditionsOf(ctx: Context, args: RequestListChangedArgs, schema: GraphQLSchema): Promise<RequestConditions> {
  const conditions = await requestConditions(ctx, schema, args);
  if (conditions.asks("watcher")) {
    const path = args.viewId ? "viewId" : "filter";
    throw new BadUserInput([{ path, message: "A subscription cannot filter by `watcher`. Load the list again instead." }]);
  }
  return conditions;
}

interface Changed {
  readonly args: RequestListChangedArgs;
  readonly event: EventEnvelope;
  readonly schema: GraphQLSchema;
}

async function changed(ctx: Context, { args, event, schema }: Changed): Promise<RequestListChanged | null> {
  const id = event.subjectType === "request" ? event.subjectId : event.related["request"];
  if (id === undefined) return null;
  const request = await requestLoader(ctx).load(id);
  // What the viewer never saw is not reported, not even as a removal.
  if (request === null ? !(await wasVisible(ctx, id, event)) : !(await isReadable(ctx, event))) return null;
  const isListed = request !== null && (await matches(ctx, id, { args, schema }));
  return Object.assign(new RequestListChanged(), {
    cursor: cursorOf(ctx, event),
    requestId: encodeId("request", id),
    request: isListed ? request : null,
    occurredAt: event.occurredAt,
  });
}

async function matches(ctx: Context, id: string, { args, schema }: Pick<Changed, "args" | "schema">): Promise<boolean> {
  if (!args.filter && !args.viewId) return true;
  const { where, read } = await conditionsOf(ctx, args, schema).catch(toEnd);
  if (where === undefined) return true;
  const isIt = eq(requests.id, id);
  return (await read((tx) => countRequests(tx, ctx.viewer, isIt, where))) > 0;
}

/**
 * The view was changed to a filter that the viewer must not use. The subscription ends with an error: FORBIDDEN would hide the event, and the list would
 * silently no longer be current.
 */
function toEnd(error: unknown): never {
  throw error instanceof Forbidden ? new BadUserInput([{ path: "viewId", message: error.message }]) : error;
}

/** A comment that the viewer cannot read must not be noticed. */
async function isReadable(ctx: Context, { type, related }: EventEnvelope): Promise<boolean> {
  const id = related["requestComment"];
  if (!type.startsWith("request.comment") || id === undefined) return true;
  return isReadableComment(ctx, id);
}

/** Returns whether the viewer saw the request until this event, by which it was deleted or assigned to somebody else. */
async function wasVisible(ctx: Context, id: string, event: EventEnvelope): Promise<boolean> {
  if (event.type === "request.deleted") {
    const { assignee, ...access } = event.payload as EventPayload<"request.deleted">;
    return wasVisibleTo(ctx, access, assignee);
  }
  if (event.type !== "workflow.assigned") return false;
  const access = await ctx.read((tx) => findRequestAccess(tx, id));
  return access !== null && wasVisibleTo(ctx, access, (event.payload as EventPayload<"workflow.assigned">).previous);
}

type Access = Pick<AccessValues, "ownerId" | "teamId">;

function wasVisibleTo({ viewer }: Context, { ownerId, teamId }: Access, assignee: EventPayload<"request.deleted">["assignee"]): boolean {
  const idIf = (type: string): string | null => (assignee?.type === type ? assignee.id : null);
  const [assigneeUserId, assigneeTeamId, assigneeVendorId] = [idIf("USER"), idIf("TEAM"), idIf("VENDOR")];
  return isInstanceVisible(viewer, "request.read", { ownerId, teamId, assigneeUserId, assigneeTeamId, assigneeVendorId });
}

export const requestListChangedModule: SubgraphModule = { resolvers: { requests: [RequestListChangedResolver] } };
