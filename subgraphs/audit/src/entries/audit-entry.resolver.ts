import { audit } from "@weft/drizzle";
import {
  Allow,
  anyIdField,
  can,
  ConnectionArgs,
  type Context,
  enumField,
  filterInput,
  type FilterValue,
  idField,
  inherit,
  keysetPage,
  type Page,
  textField,
  timeField,
} from "@weft/shared";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, stubOf, User, userStub } from "../nodes/entity.type.js";
import { Node } from "../nodes/node.type.js";
import { countEntries, findEntries, type OpenedEntry } from "./audit-entry.store.js";
import { AuditedEntity, AuditEntry, AuditEntryConnection, toAuditEntry } from "./audit-entry.type.js";

const { auditEntries } = audit;

const AuditEntryFilter = filterInput("AuditEntryFilter", {
  action: textField(auditEntries.action, "What was done."),
  entityType: enumField("AuditedEntity", AuditedEntity, auditEntries.entityType, "What kind of thing it was done to."),
  entityId: anyIdField(
    Object.fromEntries(Object.values(AuditedEntity).map((type) => [type, auditEntries.entityId])),
    "The thing it was done to.",
  ),
  actorId: idField("user", auditEntries.actorId, "Who did it."),
  at: timeField(auditEntries.at, "When."),
});

@Resolver(() => AuditEntry)
export class AuditEntryResolver {
  @Query(() => AuditEntryConnection, { nullable: true, description: "What was done in the tenant, newest first. Errors: BAD_USER_INPUT." })
  @Allow(can("audit.read"))
  auditEntries(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AuditEntryFilter.Input, { nullable: true, description: "Which entries." }) filter: FilterValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<AuditEntry>> {
    const where = AuditEntryFilter.toSql(filter);
    return keysetPage<OpenedEntry, AuditEntry>(ctx, {
      args,
      list: "auditEntries",
      orderBy: null,
      id: { column: auditEntries.id, valueOf: (row) => row.id },
      fetch: (slice) => ctx.read((tx) => findEntries(tx, ctx.services.keyring, ctx.viewer, { ...slice, where: and(where, slice.where) })),
      count: () => ctx.read((tx) => countEntries(tx, ctx.viewer, where)),
      toNode: toAuditEntry,
    });
  }

  @FieldResolver(() => User, { nullable: true, description: "Who did it; null when you may not see the user." })
  @Allow(inherit)
  actor(@Root() entry: AuditEntry): EntityStub {
    return userStub(entry.actorUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "For whom it was done, when somebody stood in for another." })
  @Allow(inherit)
  onBehalfOf(@Root() entry: AuditEntry): EntityStub | null {
    return entry.onBehalfOfUuid === null ? null : userStub(entry.onBehalfOfUuid);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: "The thing it was done to, as it is now; null when it is gone or you may not see it.",
  })
  @Allow(inherit)
  entity(@Root() entry: AuditEntry): EntityStub | null {
    return stubOf(entry.entityType, entry.entityUuid);
  }
}
