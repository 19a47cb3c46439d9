import { auditStreams as tables } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { enumField, filterInput, type FilterValue, textField } from "@weft/api/filters";
import { DeletePayload, VersionedIdInput } from "@weft/api/inputs";
import { ConnectionArgs, orderByInput, type OrderByValue, type Page, tablePage } from "@weft/api/pages";
import { Allow, canInTenant, inherit, RequiresRecentLogin } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { decodeId } from "@weft/shared/ids";
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, User, userStub } from "../nodes/entity.type.js";
import * as service from "./stream.service.js";
import type { AuditStreamRow } from "./stream.store.js";
import {
  AuditStream,
  AuditStreamConnection,
  AuditStreamPayload,
  AuditStreamStatus,
  AuditStreamTransport,
  CreateAuditStreamInput,
  toAuditStream,
  UpdateAuditStreamInput,
} from "./stream.type.js";

const { auditStreams } = tables;

const AuditStreamFilter = filterInput("AuditStreamFilter", {
  name: textField(auditStreams.name, "Display name."),
  transport: enumField("AuditStreamTransport", AuditStreamTransport, auditStreams.transport, "How entries are sent."),
  status: enumField("AuditStreamStatus", AuditStreamStatus, auditStreams.status, "Whether entries are sent."),
});

const AuditStreamOrder = orderByInput<AuditStreamRow, "NAME" | "CREATED_AT">("AuditStreamOrder", {
  NAME: { column: auditStreams.name, valueOf: (row) => row.name },
  CREATED_AT: { column: auditStreams.createdAt, valueOf: (row) => row.createdAt },
});

@Resolver(() => AuditStream)
export class AuditStreamResolver {
  @Query(() => AuditStream, { nullable: true, description: "A stream of the audit trail. Errors: NOT_FOUND, BAD_USER_INPUT (the ID)." })
  @Allow(canInTenant("auditStream.read"))
  async auditStream(
    @Arg("id", () => ID, { description: "ID of the stream (`aus_…`)." }) id: string,
    @Ctx() ctx: Context,
  ): Promise<AuditStream> {
    return toAuditStream(await service.readAuditStream(ctx, decodeId("auditStream", id)));
  }

  @Query(() => AuditStreamConnection, {
    nullable: true,
    description: "Streams of the audit trail to other systems, by name by default. Errors: BAD_USER_INPUT.",
  })
  @Allow(canInTenant("auditStream.read"))
  auditStreams(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AuditStreamFilter.Input, { nullable: true, description: "Filter." }) filter: FilterValue | null,
    @Arg("orderBy", () => AuditStreamOrder.Input, { nullable: true, description: "Sort order." }) orderBy: OrderByValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<AuditStream>> {
    return tablePage(ctx, {
      list: "auditStreams",
      args,
      table: auditStreams,
      where: AuditStreamFilter.toSql(filter),
      orderBy: AuditStreamOrder.resolve(orderBy, ["NAME", "ASC"]),
      toNode: toAuditStream,
    });
  }

  @Mutation(() => AuditStreamPayload, {
    description:
      "Creates a stream, which sends each entry of the audit trail to another system, in the order of the chain. Errors: REAUTH_REQUIRED, BAD_USER_INPUT (the URL of syslog, what the receiver asks for, the place, more than 100 streams), URL_FORBIDDEN, CONFLICT (idempotency key).",
  })
  @Allow(canInTenant("auditStream.manage"))
  @RequiresRecentLogin()
  async createAuditStream(
    @Arg("input", () => CreateAuditStreamInput) input: CreateAuditStreamInput,
    @Ctx() ctx: Context,
  ): Promise<AuditStreamPayload> {
    return { auditStream: toAuditStream(await service.createAuditStream(ctx, input)) };
  }

  @Mutation(() => AuditStreamPayload, {
    description:
      "Changes, pauses or resumes a stream. What has failed is tried again at once. Errors: REAUTH_REQUIRED, NOT_FOUND, BAD_USER_INPUT, URL_FORBIDDEN, CONFLICT.",
  })
  @Allow(canInTenant("auditStream.manage"))
  @RequiresRecentLogin()
  async updateAuditStream(
    @Arg("input", () => UpdateAuditStreamInput) input: UpdateAuditStreamInput,
    @Ctx() ctx: Context,
  ): Promise<AuditStreamPayload> {
    return { auditStream: toAuditStream(await service.updateAuditStream(ctx, input)) };
  }

  @Mutation(() => DeletePayload, {
    description: "Deletes a stream. Entries that were sent stay where they are. Errors: NOT_FOUND, CONFLICT.",
  })
  @Allow(canInTenant("auditStream.manage"))
  async deleteAuditStream(
    @Arg("input", () => VersionedIdInput, { description: "ID of the stream (`aus_…`)." }) input: VersionedIdInput,
    @Ctx() ctx: Context,
  ): Promise<DeletePayload> {
    return { id: await service.deleteAuditStream(ctx, input) };
  }

  @FieldResolver(() => User, { nullable: true, description: "Author. Null if you cannot see the user." })
  @Allow(inherit)
  createdBy(@Root() { createdByUuid }: AuditStream): EntityStub {
    return userStub(createdByUuid);
  }
}

export const auditStreamModule: SubgraphModule = { resolvers: { audit: [AuditStreamResolver] } };
