import { NotFound } from "@weft/shared/errors";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import { decodeIdOrNull } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { ResolverClass, SubgraphModule } from "@weft/api/subgraph";
import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { requestLoader } from "./request.loader.js";
import { Request } from "./request.type.js";

const RequestChange = {
  CREATED: "CREATED",
  UPDATED: "UPDATED",
  ASSIGNED: "ASSIGNED",
  TRANSITIONED: "TRANSITIONED",
  RESTORED: "RESTORED",
} as const;
type RequestChange = keyof typeof RequestChange;

registerEnumType(RequestChange, {
  name: "RequestChange",
  description: "Kind of change of a request.",
  valuesConfig: {
    CREATED: { description: "The request was created." },
    UPDATED: { description: "Its fields, building, asset, or type changed, another request was merged into it, or it was split." },
    ASSIGNED: { description: "It was assigned or unassigned." },
    TRANSITIONED: { description: "Its workflow changed state, was suspended, or was resumed." },
    RESTORED: { description: "It was deleted, and is restored. The deletion is not delivered: you can no longer see the request then." },
  },
});

@ObjectType({ description: "A change of a request. The change is as of the event; the request is in its current state." })
@Allow(can("request.read"))
@ViewerIndependent("request.read")
export class RequestChanged {
  @Field(() => String, { description: "Cursor of the event. Pass it as `after` to receive later events." })
  @Allow(inherit)
  cursor!: string;

  @Field(() => RequestChange, { description: "Kind of change." })
  change!: RequestChange;

  @Field(() => Int, { description: "Version of the request after the change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "Time of the event." })
  occurredAt!: string;

  @Field(() => Request, { description: "The request." })
  request!: Request;
}

@ArgsType()
class RequestChangedArgs {
  @Field(() => ID, { nullable: true, description: "ID of a request (default: all requests that you can see)." })
  id?: string | null;
}

/** Live changes of requests: of the request's own row, and of its workflow. */
export const RequestChangedResolver: ResolverClass = liveField<RequestChangedArgs, RequestChanged>({
  name: "requestChanged",
  type: () => RequestChanged,
  args: RequestChangedArgs,
  rule: can("request.read"),
  viewerIndependent: ["request.read"],
  vendorPortal: true,
  description: "Delivers changes of one request, or of all requests that you can see.",
  resolve: async (ctx, { id }, event) => {
    const wanted = decodeIdOrNull("request", id) ?? null;
    return event === null ? check(ctx, wanted, id) : changed(ctx, event);
  },
});

async function check(ctx: Context, wanted: string | null, id: string | null | undefined): Promise<null> {
  if (wanted !== null && (await requestLoader(ctx).load(wanted)) === null) throw new NotFound("Request", id ?? "");
  return null;
}

async function changed(ctx: Context, event: EventEnvelope): Promise<RequestChanged | null> {
  const requestId = event.subjectType === "request" ? event.subjectId : event.related["request"];
  const request = requestId === undefined ? null : await requestLoader(ctx).load(requestId);
  if (request === null) return null;
  return Object.assign(new RequestChanged(), {
    cursor: cursorOf(ctx, event),
    change: changeOf(event.type),
    version: event.subjectVersion,
    occurredAt: event.occurredAt,
    request,
  });
}

function changeOf(type: string): RequestChange {
  switch (type) {
    case "request.created":
      return "CREATED";
    case "request.assigned":
      return "ASSIGNED";
    case "request.updated":
    case "request.converted":
    case "request.merged":
    case "request.split":
      return "UPDATED";
    case "request.restored":
      return "RESTORED";
    default:
      return "TRANSITIONED";
  }
}

export const requestChangedModule: SubgraphModule = { resolvers: { requests: [RequestChangedResolver] } };
