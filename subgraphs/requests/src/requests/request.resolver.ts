import { requests as tables } from "@weft/drizzle";
import { Forbidden } from "@weft/shared/errors";
import { hasPermission } from "@weft/shared/viewer";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { KeyedVersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, keysetPage, nestedRows, type OrderByValue, type Page } from "@weft/api/pages";
import { Allow, can, VendorPortal, ViewerIndependent } from "@weft/api/rules";
import { DateTimeScalar } from "@weft/api/scalars";
import type { SubgraphModule } from "@weft/api/subgraph";
import { eq } from "drizzle-orm";
import type { GraphQLResolveInfo } from "graphql";
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from "type-graphql";
import { Asset } from "../assets/asset.type.js";
import { Building } from "../buildings/building.type.js";
import { requestAsOf } from "../as-of/as-of.service.js";
import { assetLoaderAsOf } from "../assets/asset.loader.js";
import { buildingLoaderAsOf } from "../buildings/building.loader.js";
import { spaceLoaderAsOf } from "../spaces/space.loader.js";
import { requestTypeLoader } from "../request-types/request-type.loader.js";
import { requestConditions } from "./request-conditions.js";
import { requestLoader } from "./request.loader.js";
import { RequestType } from "../request-types/request-type.type.js";
import { createRequest } from "./create-request.service.js";
import { AssignRequestInput, CancelRequestInput, CloseRequestInput, ReopenRequestInput } from "./request.input.js";
import { RequestConnection, RequestFilter, requestId, RequestOrder } from "./request.list.js";
import * as service from "./request.service.js";
import { countRequests, listRequests, listRequestsByDue, listRequestsOfPlaces, type RequestRow } from "./request.store.js";
import { CreateRequestInput, UpdateRequestInput, Request, requestNodes, RequestPayload } from "./request.type.js";
import { Space } from "../spaces/space.type.js";
import { updateRequest } from "./update-request.service.js";

const { requests } = tables;

@Resolver(() => Request)
export class RequestResolver {
  @Query(() => Request, {
    nullable: true,
    description: "A request. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID; `asOf` in the future, or before the request was created).",
  })
  @Allow(can("request.read"))
  @VendorPortal()
  async request(
    @Arg("id", () => ID, { description: "ID of the request (`req_…`)." }) id: string,
    @Arg("asOf", () => DateTimeScalar, {
      nullable: true,
      description:
        "Returns the request as it was at this time: its own fields, its assignee, and its building, space and asset, with your rights of now. Other linked objects and lists are as of now.",
    })
    asOf: string | null | undefined,
    @Ctx() ctx: Context,
  ): Promise<Request> {
    return asOf ? requestAsOf(ctx, id, asOf) : loadById(ctx, requestLoader, "request", id);
  }

  @Query(() => RequestConnection, { nullable: true, description: "Requests that you can see, newest first by default." })
  @Allow(can("request.read"))
  @VendorPortal()
  async requests(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => RequestFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => RequestOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Arg("viewId", () => ID, {
      nullable: true,
      description: "ID of a saved view of this list. Its filter applies in addition to `filter`, and its order unless `orderBy` is given.",
    })
    viewId: string | null,
    @Ctx() ctx: Context,
    @Info() { schema }: GraphQLResolveInfo,
  ): Promise<Page<Request>> {
    const { where, read, ...view } = await requestConditions(ctx, schema, { filter, viewId });
    const order = RequestOrder.resolve(orderBy ?? view.orderBy, ["CREATED_AT", "DESC"]);
    const isByDue = order.name === "SLA_DUE_AT";
    if (isByDue && !hasPermission(ctx.viewer, "workflow.read"))
      throw new Forbidden("The order SLA_DUE_AT requires the permission workflow.read.");
    const list = isByDue ? listRequestsByDue : listRequests;
    const reading = requestNodes.reading(ctx, { order });
    return keysetPage<RequestRow, Request>(ctx, {
      args,
      list: "requests",
      orderBy: order,
      id: requestId,
      fetch: (slice) => read((tx) => list(tx, ctx.viewer, { where, slice, reading })),
      count: () => read((tx) => countRequests(tx, ctx.viewer, where)),
      toNode: requestNodes.toNode,
    });
  }

  @FieldResolver(() => RequestType, { nullable: true, description: "Type of the request. Null if you cannot see request types." })
  @Allow(can("requestType.read"))
  @ViewerIndependent("requestType.read")
  type(@Root() { row }: Request, @Ctx() ctx: Context): Promise<RequestType | null> {
    return requestTypeLoader(ctx).load(row.typeId);
  }

  @FieldResolver(() => Building, { nullable: true, description: "Building that the request is about." })
  @Allow(can("building.read"))
  @ViewerIndependent("building.read")
  async building(@Root() { row, asOf }: Request, @Ctx() ctx: Context): Promise<Building | null> {
    return row.buildingId === null ? null : buildingLoaderAsOf(asOf ?? null)(ctx).load(row.buildingId);
  }

  @FieldResolver(() => Asset, { nullable: true, description: "Asset that the request is about." })
  @Allow(can("asset.read"))
  @ViewerIndependent("asset.read")
  async asset(@Root() { row, asOf }: Request, @Ctx() ctx: Context): Promise<Asset | null> {
    return row.assetId === null ? null : assetLoaderAsOf(asOf ?? null)(ctx).load(row.assetId);
  }

  @FieldResolver(() => Space, { nullable: true, description: "Floor, room, or area that the request is about." })
  @Allow(can("building.read"))
  @ViewerIndependent("building.read")
  async space(@Root() { row, asOf }: Request, @Ctx() ctx: Context): Promise<Space | null> {
    return row.spaceId === null ? null : spaceLoaderAsOf(asOf ?? null)(ctx).load(row.spaceId);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Creates a draft with its workflow. Errors: BAD_USER_INPUT (unknown type, building, asset or space; fields that break their schema), CONFLICT (idempotency key), LIMIT_EXCEEDED.",
  })
  @Allow(can("request.create"))
  createRequest(@Arg("input", () => CreateRequestInput) input: CreateRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return createRequest(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Changes fields, building, asset, or space. Only for the owner while the request is in its initial state. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT, TRANSITION_REJECTED (finished, or already submitted).",
  })
  @Allow(can("request.update"))
  updateRequest(@Arg("input", () => UpdateRequestInput) input: UpdateRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return updateRequest(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description: "Submits a draft request. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT.",
  })
  @Allow(can("request.submit"))
  submitRequest(
    @Arg("input", () => KeyedVersionedIdInput, { description: "The request." }) input: KeyedVersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RequestPayload> {
    return service.submitRequest(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description: "Cancels a request. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT.",
  })
  @Allow(can("request.cancel"))
  cancelRequest(@Arg("input", () => CancelRequestInput) input: CancelRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return service.cancelRequest(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Closes a request by firing its type's `closeTransition`. Requires the same permission as `fireTransition`. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT.",
  })
  @Allow(can("workflow.fire"))
  closeRequest(@Arg("input", () => CloseRequestInput) input: CloseRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return service.closeRequest(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Reopens a request by firing its type's `reopenTransition`. Requires the same permission as `fireTransition`. Errors: NOT_FOUND, CONFLICT, TRANSITION_REJECTED, BAD_USER_INPUT.",
  })
  @Allow(can("workflow.fire"))
  reopenRequest(@Arg("input", () => ReopenRequestInput) input: ReopenRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return service.reopenRequest(ctx, input);
  }

  @Mutation(() => RequestPayload, {
    description:
      "Assigns a request to a user, a team, or a vendor. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unknown or inactive assignee), TRANSITION_REJECTED (finished).",
  })
  @Allow(can("request.assign"))
  assignRequest(@Arg("input", () => AssignRequestInput) input: AssignRequestInput, @Ctx() ctx: Context): Promise<RequestPayload> {
    return service.assignRequest(ctx, input);
  }
}

/** Returns a page of the requests about a building or an asset. */
function requestsAbout(ctx: Context, args: ConnectionArgs, place: "building" | "asset", placeId: string): Promise<Page<Request>> {
  const column = place === "building" ? requests.buildingId : requests.assetId;
  const order = RequestOrder.resolve(null, ["CREATED_AT", "DESC"]);
  const reading = requestNodes.reading(ctx, { order, also: [`${place}Id`] });
  return keysetPage<RequestRow, Request>(ctx, {
    args,
    list: `${place}.requests ${placeId}`,
    orderBy: order,
    id: requestId,
    fetch: (slice) =>
      nestedRows(ctx, {
        name: `${place}.requests`,
        args,
        parentId: placeId,
        slice,
        select: (tx, ids) => listRequestsOfPlaces(tx, ctx.viewer, { place: column, placeIds: ids, slice, reading }),
        parentOf: (row) => (place === "building" ? row.buildingId : row.assetId),
      }),
    count: () => ctx.read((tx) => countRequests(tx, ctx.viewer, eq(column, placeId))),
    toNode: requestNodes.toNode,
  });
}

/** Fields that requests add to buildings. */
@Resolver(() => Building)
export class BuildingRequestsResolver {
  @FieldResolver(() => RequestConnection, { description: "Requests about it that you can see, newest first." })
  @Allow(can("request.read"))
  requests(@Root() building: Building, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Request>> {
    return requestsAbout(ctx, args, "building", building.uuid);
  }
}

/** Fields that requests add to assets. */
@Resolver(() => Asset)
export class AssetRequestsResolver {
  @FieldResolver(() => RequestConnection, { description: "Requests about it that you can see, newest first." })
  @Allow(can("request.read"))
  requests(@Root() asset: Asset, @Args(() => ConnectionArgs) args: ConnectionArgs, @Ctx() ctx: Context): Promise<Page<Request>> {
    return requestsAbout(ctx, args, "asset", asset.uuid);
  }
}

export const requestModule: SubgraphModule = {
  resolvers: { requests: [RequestResolver, BuildingRequestsResolver, AssetRequestsResolver] },
  references: { Request: referencesThrough(requestLoader) },
};
