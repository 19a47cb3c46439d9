import { requests as tables } from "@weft/drizzle";
import { requestLocalPart } from "@weft/platform/mail";
import { type Context, loadById } from "@weft/api/context";
import { filterInput, type FilterValue, flagField, textField } from "@weft/api/filters";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, can, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { eq } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { requestTypeLoader } from "../request-types/request-type.loader.js";
import { RequestType } from "../request-types/request-type.type.js";
import { inboundMailAddressLoader } from "./inbound-mail-address.loader.js";
import * as service from "./inbound-mail-address.service.js";
import type { InboundMailAddressRow } from "./inbound-mail-address.store.js";
import {
  CreateInboundMailAddressInput,
  InboundMailAddress,
  toInboundMailAddress,
  InboundMailAddressPayload,
  UpdateInboundMailAddressInput,
} from "./inbound-mail-address.type.js";

const { inboundMailAddresses: addresses } = tables;

const { Connection: InboundMailAddressConnection } = connectionOf(InboundMailAddress, "InboundMailAddress");

const InboundMailAddressFilter = filterInput("InboundMailAddressFilter", {
  name: textField(addresses.name),
  isActive: flagField(eq(addresses.isActive, true)),
});

const InboundMailAddressOrder = orderByInput<InboundMailAddressRow, "CREATED_AT">("InboundMailAddressOrder", {
  CREATED_AT: { column: addresses.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => InboundMailAddress)
export class InboundMailAddressResolver {
  @Query(() => InboundMailAddress, {
    nullable: true,
    description: "An email address at which an email becomes a request. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("requestType.update"))
  inboundMailAddress(
    @Arg("id", () => ID, { description: "ID of the address (`ima_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<InboundMailAddress> {
    return loadById(ctx, inboundMailAddressLoader, "inboundMailAddress", id);
  }

  @Query(() => InboundMailAddressConnection, {
    nullable: true,
    description: "Email addresses at which an email becomes a request, newest first by default.",
  })
  @Allow(canInTenant("requestType.update"))
  inboundMailAddresses(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => InboundMailAddressFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => InboundMailAddressOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<InboundMailAddress>> {
    return tablePage(ctx, {
      list: "inboundMailAddresses",
      args,
      table: addresses,
      where: InboundMailAddressFilter.toSql(filter),
      orderBy: InboundMailAddressOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toInboundMailAddress,
    });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "The email address. Forward the mail of an address of your own to it, such as repairs@example.com. Null if this installation receives no email.",
  })
  @Allow(inherit)
  address(@Root() { row }: InboundMailAddress, @Ctx() { services: { config, keys } }: Context): string | null {
    const { inbound } = config.mail;
    return inbound === undefined ? null : `${requestLocalPart(keys.refresh, row)}@${inbound.domain}`;
  }

  @FieldResolver(() => RequestType, { nullable: true, description: "Type of the requests. Null if you cannot see it." })
  @Allow(can("requestType.read"))
  requestType(@Root() { row }: InboundMailAddress, @Ctx() ctx: Context): Promise<RequestType | null> {
    return requestTypeLoader(ctx).load(row.typeId);
  }

  @Mutation(() => InboundMailAddressPayload, {
    description:
      "Creates an email address at which an email becomes a request of one type. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (unknown type or field, a field that is required and gets no value), LIMIT_EXCEEDED, CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("requestType.update"), can("request.create")))
  @RequiresRecentLogin()
  async createInboundMailAddress(
    @Arg("input", () => CreateInboundMailAddressInput) input: CreateInboundMailAddressInput,
    @Ctx() ctx: Context,
  ): Promise<InboundMailAddressPayload> {
    return { inboundMailAddress: await service.createInboundMailAddress(ctx, input) };
  }

  @Mutation(() => InboundMailAddressPayload, {
    description:
      "Changes, deactivates or activates an inbound mail address. The address itself stays the same. Errors: REAUTH_REQUIRED, NOT_FOUND, CONFLICT, BAD_USER_INPUT.",
  })
  @Allow(allOf(canInTenant("requestType.update"), can("request.create")))
  @RequiresRecentLogin()
  async updateInboundMailAddress(
    @Arg("input", () => UpdateInboundMailAddressInput) input: UpdateInboundMailAddressInput,
    @Ctx() ctx: Context,
  ): Promise<InboundMailAddressPayload> {
    return { inboundMailAddress: await service.updateInboundMailAddress(ctx, input) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes an inbound mail address. Email to it is refused. Its requests stay. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("requestType.update"))
  async deleteInboundMailAddress(
    @Arg("input", () => VersionedIdInput, { description: "The address." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteInboundMailAddress(ctx, input) };
  }
}

export const inboundMailAddressModule: SubgraphModule = { resolvers: { requests: [InboundMailAddressResolver] } };
