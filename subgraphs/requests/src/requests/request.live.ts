import {
  Allow,
  can,
  type Context,
  cursorOf,
  DateTimeScalar,
  decodeIdOrNull,
  type EventEnvelope,
  inherit,
  liveField,
  NotFound,
  type ResolverClass,
} from "@weft/shared";
import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import { requestLoader } from "./request.loader.js";
import { Request } from "./request.type.js";

const RequestChange = { CREATED: "CREATED", UPDATED: "UPDATED", ASSIGNED: "ASSIGNED", MOVED: "MOVED" } as const;
type RequestChange = keyof typeof RequestChange;

registerEnumType(RequestChange, {
  name: "RequestChange",
  description: "What happened to a request.",
  valuesConfig: {
    CREATED: { description: "It was created." },
    UPDATED: { description: "Its fields or its place changed." },
    ASSIGNED: { description: "It was given to somebody, or taken back." },
    MOVED: { description: "Its workflow moved, was held, or goes on." },
  },
});

@ObjectType({ description: "A change of a request. What happened is as it was then; the request is as it is now." })
@Allow(can("request.read"))
export class RequestChanged {
  @Field(() => String, { description: "Subscribe with `after` and this, and what comes next is sent." })
  @Allow(inherit)
  cursor!: string;

  @Field(() => RequestChange, { description: "What happened." })
  change!: RequestChange;

  @Field(() => Int, { description: "Version of the request after the change." })
  version!: number;

  @Field(() => DateTimeScalar, { description: "When it happened." })
  occurredAt!: string;

  @Field(() => Request, { description: "The request." })
  request!: Request;
}

@ArgsType()
class RequestChangedArgs {
  @Field(() => ID, { nullable: true, description: "One request; absent: all that I may see." })
  id?: string | null;
}

/** Live changes of requests: of the request's own row, and of the workflow that moves it. */
export const RequestChangedResolver: ResolverClass = liveField<RequestChangedArgs, RequestChanged>({
  name: "requestChanged",
  type: () => RequestChanged,
  args: RequestChangedArgs,
  rule: can("request.read"),
  description: "Changes of one request, or of all that I may see.",
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
      return "UPDATED";
    default:
      return "MOVED";
  }
}
