import { requests as tables } from "@weft/drizzle";
import { type Context, loadById, referencesThrough } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField } from "@weft/api/filters";
import { Form } from "@weft/api/forms";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, can, canInTenant, inherit, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { requestForm } from "./request-type.form.js";
import { requestTypeLoader } from "./request-type.loader.js";
import { RequestTypeStatusInput } from "./request-type.input.js";
import * as service from "./request-type.service.js";
import { type RequestTypeRow, visibleRequestTypes } from "./request-type.store.js";
import {
  CreateRequestTypeInput,
  RequestType,
  RequestTypeStatus,
  RequestTypeVersion,
  toRequestType,
  RequestTypePayload,
  UpdateRequestTypeInput,
} from "./request-type.type.js";

const { requestTypes } = tables;

export const { Connection: RequestTypeConnection } = connectionOf(RequestType, "RequestType");

const RequestTypeFilter = filterInput("RequestTypeFilter", {
  key: textField(requestTypes.key),
  name: textField(requestTypes.name),
  definitionKey: textField(requestTypes.definitionKey),
  status: enumField("RequestTypeStatus", RequestTypeStatus, requestTypes.status),
});

const RequestTypeOrder = orderByInput<RequestTypeRow, "KEY" | "NAME" | "CREATED_AT">("RequestTypeOrder", {
  KEY: { column: requestTypes.key, valueOf: (row) => row.key },
  NAME: { column: requestTypes.name, valueOf: (row) => row.name },
  CREATED_AT: { column: requestTypes.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => RequestType)
export class RequestTypeResolver {
  @Query(() => RequestType, { nullable: true, description: "A request type. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(can("requestType.read"))
  @VendorPortal()
  requestType(
    @Arg("id", () => ID, { description: "ID of the request type (`rqt_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<RequestType> {
    return loadById(ctx, requestTypeLoader, "requestType", id);
  }

  @Query(() => RequestTypeConnection, { nullable: true, description: "Request types of the tenant, by key by default." })
  @Allow(can("requestType.read"))
  @VendorPortal()
  requestTypes(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => RequestTypeFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => RequestTypeOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<RequestType>> {
    return tablePage(ctx, {
      list: "requestTypes",
      args,
      table: requestTypes,
      where: and(visibleRequestTypes(ctx.viewer, "requestType.read"), RequestTypeFilter.toSql(filter)),
      orderBy: RequestTypeOrder.resolve(orderBy, ["KEY", "ASC"]),
      toNode: toRequestType,
    });
  }

  @Query(() => [RequestType], {
    nullable: true,
    description:
      "Types of requests that you can create: active ones that are open to everybody, or to one of your roles or teams, by position and name. At most 1,000.",
  })
  @Allow(can("request.create"))
  catalog(@Ctx() ctx: Context): Promise<RequestType[]> {
    return service.listCatalog(ctx);
  }

  @FieldResolver(() => [RequestTypeVersion], { nullable: true })
  versions(@Root() { uuid }: RequestType, @Ctx() ctx: Context): Promise<RequestTypeVersion[]> {
    return service.versionsOf(ctx, uuid);
  }

  @FieldResolver(() => Form, {
    nullable: true,
    description:
      "Form of the input of `createRequest` for this type, `typeKey` included, according to the newest published version of the definition. Null if you cannot create requests of this type, or if the definition has no published version.",
  })
  @Allow(inherit)
  form(@Root() type: RequestType, @Ctx() ctx: Context): Promise<Form | null> {
    return requestForm(ctx, type);
  }

  @Mutation(() => RequestTypePayload, {
    description:
      "Creates a request type. Errors: BAD_USER_INPUT (unpublished definition, unknown transition or field, taken key), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("requestType.create"))
  createRequestType(
    @Arg("input", () => CreateRequestTypeInput) input: CreateRequestTypeInput,
    @Ctx() ctx: Context,
  ): Promise<RequestTypePayload> {
    return service.createRequestType(ctx, input);
  }

  @Mutation(() => RequestTypePayload, {
    description:
      "Changes a request type. Requests that exist stay as they are. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (unpublished definition, unknown transition, field, role or team, taken prefix).",
  })
  @Allow(canInTenant("requestType.update"))
  async updateRequestType(
    @Arg("input", () => UpdateRequestTypeInput) input: UpdateRequestTypeInput,
    @Ctx() ctx: Context,
  ): Promise<RequestTypePayload> {
    return { requestType: await service.updateRequestType(ctx, input) };
  }

  @Mutation(() => RequestTypePayload, {
    description: "Ends the use of a request type for new requests. Requests that exist continue. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("requestType.update"))
  async deactivateRequestType(
    @Arg("input", () => RequestTypeStatusInput) input: RequestTypeStatusInput,
    @Ctx() ctx: Context,
  ): Promise<RequestTypePayload> {
    return { requestType: await service.deactivateRequestType(ctx, input) };
  }

  @Mutation(() => RequestTypePayload, {
    description: "Allows new requests of an inactive request type again. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("requestType.update"))
  async reactivateRequestType(
    @Arg("input", () => RequestTypeStatusInput) input: RequestTypeStatusInput,
    @Ctx() ctx: Context,
  ): Promise<RequestTypePayload> {
    return { requestType: await service.reactivateRequestType(ctx, input) };
  }
}

export const requestTypeModule: SubgraphModule = {
  resolvers: { requests: [RequestTypeResolver] },
  references: { RequestType: referencesThrough(requestTypeLoader) },
};
