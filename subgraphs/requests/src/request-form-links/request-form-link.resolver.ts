import { requests as tables } from "@weft/drizzle";
import { type Context, loadById } from "@weft/api/context";
import { filterInput, type FilterValue, flagField, idField } from "@weft/api/filters";
import { ReceivedPayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, connectionOf, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { allOf, Allow, anyone, can, canInTenant, inherit, inPerson, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and, isNotNull } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { assetLoader } from "../assets/asset.loader.js";
import { Asset } from "../assets/asset.type.js";
import { labelImage } from "../labels/label.js";
import { requestTypeLoader } from "../request-types/request-type.loader.js";
import { RequestType } from "../request-types/request-type.type.js";
import { SubmitRequestByLinkInput } from "./request-form-link.input.js";
import { requestFormLinkLoader } from "./request-form-link.loader.js";
import * as service from "./request-form-link.service.js";
import { type RequestFormLinkRow, visibleLinks } from "./request-form-link.store.js";
import { requestFormLinkUrl } from "./request-form-link.token.js";
import {
  CreateRequestFormLinkInput,
  RequestFormLink,
  RequestFormByLink,
  toRequestFormLink,
  RequestFormLinkPayload,
} from "./request-form-link.type.js";
import { requestFormByLink, submitRequestByLink } from "./submit-by-link.service.js";

const { requestFormLinks } = tables;

const { Connection: RequestFormLinkConnection } = connectionOf(RequestFormLink, "RequestFormLink");

const RequestFormLinkFilter = filterInput("RequestFormLinkFilter", {
  assetId: idField("asset", requestFormLinks.assetId),
  isRevoked: flagField(isNotNull(requestFormLinks.revokedAt)),
});

const RequestFormLinkOrder = orderByInput<RequestFormLinkRow, "CREATED_AT">("RequestFormLinkOrder", {
  CREATED_AT: { column: requestFormLinks.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => RequestFormLink)
export class RequestFormLinkResolver {
  @Query(() => RequestFormLink, { nullable: true, description: "A request form link. Errors: NOT_FOUND, BAD_USER_INPUT (malformed ID)." })
  @Allow(canInTenant("asset.update"))
  requestFormLink(
    @Arg("id", () => ID, { description: "ID of the link (`rfl_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<RequestFormLink> {
    return loadById(ctx, requestFormLinkLoader, "requestFormLink", id);
  }

  @Query(() => RequestFormLinkConnection, { nullable: true, description: "Request links of the tenant, newest first by default." })
  @Allow(canInTenant("asset.update"))
  requestFormLinks(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => RequestFormLinkFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => RequestFormLinkOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<RequestFormLink>> {
    return tablePage(ctx, {
      list: "requestFormLinks",
      args,
      table: requestFormLinks,
      where: and(visibleLinks(ctx.viewer), RequestFormLinkFilter.toSql(filter)),
      orderBy: RequestFormLinkOrder.resolve(orderBy, ["CREATED_AT", "DESC"]),
      toNode: toRequestFormLink,
    });
  }

  @FieldResolver(() => Asset, { nullable: true, description: "Asset that the requests are about." })
  @Allow(can("asset.read"))
  asset(@Root() { row }: RequestFormLink, @Ctx() ctx: Context): Promise<Asset | null> {
    return assetLoader(ctx).load(row.assetId);
  }

  @FieldResolver(() => RequestType, { nullable: true, description: "Type of the requests. Null if you cannot see it." })
  @Allow(can("requestType.read"))
  requestType(@Root() { row }: RequestFormLink, @Ctx() ctx: Context): Promise<RequestType | null> {
    return requestTypeLoader(ctx).load(row.typeId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "URL of the form, with the token. Everybody who has it can create requests. Null if the link is revoked.",
  })
  @Allow(inherit)
  url(@Root() { row }: RequestFormLink, @Ctx() ctx: Context): string | null {
    return row.revokedAt === null ? requestFormLinkUrl(ctx.services, row) : null;
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Label as an SVG image of 70 × 37 mm, ready to print: the names of the type and the asset, and the URL as a QR code. Null if the link is revoked.",
  })
  @Allow(inherit)
  async label(@Root() { row }: RequestFormLink, @Ctx() ctx: Context): Promise<string | null> {
    if (row.revokedAt !== null) return null;
    const [asset, type] = await Promise.all([assetLoader(ctx).load(row.assetId), requestTypeLoader(ctx).load(row.typeId)]);
    const label = { url: requestFormLinkUrl(ctx.services, row), title: type?.name ?? "", detail: asset?.name ?? "" };
    return ctx.computing.run(() => labelImage(label));
  }

  @Query(() => RequestFormByLink, {
    nullable: true,
    description:
      "The form of a request form link, without a login. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason), RATE_LIMITED.",
  })
  @Allow(anyone)
  requestFormByLink(
    @Arg("token", () => String, { description: "Token of the link (`wrl_…`)." }) token: string,
    @Ctx() ctx: Context,
  ): Promise<RequestFormByLink> {
    return requestFormByLink(ctx, token);
  }

  @Mutation(() => RequestFormLinkPayload, {
    description:
      "Creates a link with which everybody can create requests of one type about one asset, without a login, in your name and with your rights. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (unknown asset or type, limit, expiration time), CONFLICT (idempotency key).",
  })
  @Allow(allOf(canInTenant("asset.update"), can("request.create"), inPerson))
  @RequiresRecentLogin()
  async createRequestFormLink(
    @Arg("input", () => CreateRequestFormLinkInput) input: CreateRequestFormLinkInput,
    @Ctx() ctx: Context,
  ): Promise<RequestFormLinkPayload> {
    return { link: await service.createRequestFormLink(ctx, input) };
  }

  @Mutation(() => RequestFormLinkPayload, {
    description: "Ends the use of a request form link. Errors: NOT_FOUND, CONFLICT, BAD_USER_INPUT (malformed ID).",
  })
  @Allow(canInTenant("asset.update"))
  async revokeRequestFormLink(
    @Arg("input", () => VersionedIdInput, { description: "The link." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<RequestFormLinkPayload> {
    return { link: await service.revokeRequestFormLink(ctx, input) };
  }

  @Mutation(() => ReceivedPayload, {
    description:
      "Creates and submits a request with a request form link, without a login. The answer does not identify the request. Errors: UNAUTHENTICATED (invalid link, the same answer for every reason), BAD_USER_INPUT (data), RATE_LIMITED, CONFLICT (idempotency key).",
  })
  @Allow(anyone)
  async submitRequestByLink(
    @Arg("input", () => SubmitRequestByLinkInput) input: SubmitRequestByLinkInput,
    @Ctx() ctx: Context,
  ): Promise<ReceivedPayload> {
    return { receivedAt: await submitRequestByLink(ctx, input) };
  }
}

export const requestFormLinkModule: SubgraphModule = { resolvers: { requests: [RequestFormLinkResolver] } };
