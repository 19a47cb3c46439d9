import { requests as tables } from "@weft/drizzle";
import {
  Allow,
  can,
  canInTenant,
  connectionOf,
  ConnectionArgs,
  type Context,
  decodeId,
  filterInput,
  Form,
  inherit,
  type FilterValue,
  keysetPage,
  NotFound,
  orderByInput,
  type OrderByValue,
  type Page,
  textField,
} from "@weft/shared";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { requestForm } from "./request-type.form.js";
import { requestTypeLoader } from "./request-type.loader.js";
import { CreateRequestTypeInput, CreateRequestTypePayload } from "./request-type.input.js";
import * as service from "./request-type.service.js";
import { countRequestTypes, type RequestTypeRow, listRequestTypes } from "./request-type.store.js";
import { RequestType, toRequestType } from "./request-type.type.js";

const { requestTypes } = tables;

export const { Connection: RequestTypeConnection } = connectionOf(RequestType, "RequestType");

const RequestTypeFilter = filterInput("RequestTypeFilter", {
  key: textField(requestTypes.key),
  name: textField(requestTypes.name),
  definitionKey: textField(requestTypes.definitionKey),
});

const RequestTypeOrder = orderByInput<RequestTypeRow, "KEY" | "NAME" | "CREATED_AT">("RequestTypeOrder", {
  KEY: { column: requestTypes.key, valueOf: (row) => row.key },
  NAME: { column: requestTypes.name, valueOf: (row) => row.name },
  CREATED_AT: { column: requestTypes.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => RequestType)
export class RequestTypeResolver {
  @Query(() => RequestType, { nullable: true, description: "A request type. Errors: NOT_FOUND, BAD_USER_INPUT (malformed id)." })
  @Allow(can("requestType.read"))
  async requestType(@Arg("id", () => ID, { description: "Its id, `rqt_…`." }) id: string, @Ctx() ctx: Context): Promise<RequestType> {
    const type = await requestTypeLoader(ctx).load(decodeId("requestType", id));
    if (type === null) throw new NotFound("RequestType", id);
    return type;
  }

  @Query(() => RequestTypeConnection, { nullable: true, description: "The tenant's request types, by key unless ordered otherwise." })
  @Allow(can("requestType.read"))
  requestTypes(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => RequestTypeFilter.Input, { nullable: true, description: "Which ones." }) filter: FilterValue | null,
    @Arg("orderBy", () => RequestTypeOrder.Input, { nullable: true, description: "In which order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<RequestType>> {
    const where = RequestTypeFilter.toSql(filter);
    return keysetPage<RequestTypeRow, RequestType>(ctx, {
      args,
      list: "requestTypes",
      orderBy: RequestTypeOrder.resolve(orderBy, ["KEY", "ASC"]),
      id: { column: requestTypes.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => listRequestTypes(tx, ctx.viewer, where, slice)),
      count: () => ctx.read((tx) => countRequestTypes(tx, ctx.viewer, where)),
      toNode: toRequestType,
    });
  }

  @FieldResolver(() => Form, {
    nullable: true,
    description:
      "What `createRequest` asks you for, by the newest published version of the definition. What is filled in is the input of `createRequest`, `typeKey` included. Null when you can't create requests, or when the definition has no published version.",
  })
  @Allow(inherit)
  form(@Root() type: RequestType, @Ctx() ctx: Context): Promise<Form | null> {
    return requestForm(ctx, type);
  }

  @Mutation(() => CreateRequestTypePayload, {
    description:
      "Creates a request type. Errors: BAD_USER_INPUT (unpublished definition, unknown transition or field, a key that is taken), CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("requestType.create"))
  createRequestType(
    @Arg("input", () => CreateRequestTypeInput) input: CreateRequestTypeInput,
    @Ctx() ctx: Context,
  ): Promise<CreateRequestTypePayload> {
    return service.createRequestType(ctx, input);
  }
}
