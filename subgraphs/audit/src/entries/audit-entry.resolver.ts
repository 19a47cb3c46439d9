import { audit } from "@weft/drizzle";
import type { Context } from "@weft/api/context";
import { asksFor, type FilterValue } from "@weft/api/filters";
import { cursorOf } from "@weft/api/live";
import { ConnectionArgs, keysetPage, type Order, type Page } from "@weft/api/pages";
import { Allow, can, inherit } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { and } from "drizzle-orm";
import { Arg, Args, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { type EntityStub, stubOf, User, userStub } from "../nodes/entity.type.js";
import { Node } from "../nodes/node.type.js";
import type { OpenedEntry } from "./audit-entry.columns.js";
import { AuditEntryFilter } from "./audit-entry.list.js";
import { countEntries, findEntries } from "./audit-entry.store.js";
import { AuditEntry, AuditEntryConnection, auditEntryNodes } from "./audit-entry.type.js";
import { withSealedAddresses } from "./search/address-field.js";
import { assertNarrow } from "./search/narrow.js";

const { auditEntries } = audit;

const byTime: Order<OpenedEntry> = { name: "AT", direction: "DESC", column: auditEntries.at, valueOf: (row) => row.at };

@Resolver(() => AuditEntry)
export class AuditEntryResolver {
  @Query(() => AuditEntryConnection, { nullable: true, description: "Audit entries of the tenant, newest first. Errors: BAD_USER_INPUT." })
  @Allow(can("audit.read"))
  async auditEntries(
    @Args(() => ConnectionArgs) args: ConnectionArgs,
    @Arg("filter", () => AuditEntryFilter.Input, { nullable: true, description: "Filter for entries." }) filter: FilterValue | null,
    @Ctx() ctx: Context,
  ): Promise<Page<AuditEntry>> {
    assertNarrow(filter);
    const where = AuditEntryFilter.toSql(await withSealedAddresses(ctx, filter));
    // Entries of a period are read from the index by time, which the order by ID would not use.
    const orderBy = asksFor("at", filter) ? byTime : null;
    const reading = auditEntryNodes.reading(ctx, orderBy ? { order: orderBy } : {});
    return keysetPage<OpenedEntry, AuditEntry>(ctx, {
      args,
      list: "auditEntries",
      orderBy,
      id: { column: auditEntries.id, valueOf: (row) => row.id },
      fetch: (slice) =>
        ctx.read((tx) => findEntries(tx, ctx.services.keyring, ctx.viewer, { ...slice, where: and(where, slice.where), reading })),
      count: () => ctx.read((tx) => countEntries(tx, ctx.viewer, where)),
      toNode: auditEntryNodes.toNode,
    });
  }

  @FieldResolver(() => String, {
    nullable: true,
    description:
      "Cursor for the argument `after` of `auditEntrySealed`, which then delivers the entries that were sealed later. Null until it is sealed.",
  })
  @Allow(inherit)
  liveCursor(@Root() { row: { sequence } }: AuditEntry, @Ctx() ctx: Context): string | null {
    return sequence === null ? null : cursorOf(ctx, { tenantId: ctx.viewer.tenantId, position: sequence }, "auditTrail");
  }

  @FieldResolver(() => User, { nullable: true, description: "Actor. Null if you cannot see the user." })
  @Allow(inherit)
  actor(@Root() entry: AuditEntry): EntityStub {
    return userStub(entry.actorUuid);
  }

  @FieldResolver(() => User, { nullable: true, description: "User on whose behalf a substitute acted." })
  @Allow(inherit)
  onBehalfOf(@Root() entry: AuditEntry): EntityStub | null {
    return entry.onBehalfOfUuid === null ? null : userStub(entry.onBehalfOfUuid);
  }

  @FieldResolver(() => Node, {
    nullable: true,
    description: "Object of the action, in its current state. Null if it no longer exists or you cannot see it.",
  })
  @Allow(inherit)
  entity(@Root() entry: AuditEntry): EntityStub | null {
    return stubOf(entry.entityType, entry.entityUuid);
  }
}

export const auditEntryModule: SubgraphModule = { resolvers: { audit: [AuditEntryResolver] } };
