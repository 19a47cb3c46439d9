import { audit } from "@weft/drizzle";
import type { EventEnvelope } from "@weft/shared/event-catalog";
import type { Context } from "@weft/api/context";
import type { FilterValue } from "@weft/api/filters";
import { cursorOf, liveField } from "@weft/api/live";
import { Allow, can, inherit } from "@weft/api/rules";
import type { ResolverClass, SubgraphModule } from "@weft/api/subgraph";
import { and, eq } from "drizzle-orm";
import { ArgsType, Field, ObjectType } from "type-graphql";
import { AuditEntryFilter } from "./audit-entry.list.js";
import { findEntries, newestFirst } from "./audit-entry.store.js";
import { AuditEntry, auditEntryNodes } from "./audit-entry.type.js";
import { withSealedAddresses } from "./search/address-field.js";

@ObjectType({ description: "An audit entry that has become part of the sealed chain." })
@Allow(can("audit.read"))
export class AuditEntrySealed {
  @Field(() => String, { description: "Cursor of the entry. Pass it as `after` to receive later entries." })
  @Allow(inherit)
  cursor!: string;

  @Field(() => AuditEntry, { description: "The entry." })
  @Allow(inherit)
  entry!: AuditEntry;
}

@ArgsType()
class AuditEntrySealedArgs {
  @Field(() => AuditEntryFilter.Input, { nullable: true, description: "Filter for entries, as of `auditEntries`." })
  filter?: FilterValue | null;
}

/**
 * New audit entries. Their cursors are places in the sealed chain instead of events: a chain has each entry once, in an order that never changes, so a
 * subscription that resumes gets all entries, and none twice.
 */
export const AuditEntrySealedResolver: ResolverClass = liveField<AuditEntrySealedArgs, AuditEntrySealed>({
  name: "auditEntrySealed",
  type: () => AuditEntrySealed,
  args: AuditEntrySealedArgs,
  rule: can("audit.read"),
  description:
    "Delivers each new audit entry that you can read and that matches the filter, once it is sealed: about a second after the change. Entries arrive in the order of their `sequence`. Errors: BAD_USER_INPUT.",
  resolve: sealed,
});

async function sealed(ctx: Context, { filter }: AuditEntrySealedArgs, event: EventEnvelope | null): Promise<AuditEntrySealed | null> {
  const matches = AuditEntryFilter.toSql(await withSealedAddresses(ctx, filter, { actors: event ? [event.actorId] : [] }));
  if (event === null) return null;
  const reading = auditEntryNodes.reading(ctx);
  const where = and(eq(audit.auditEntries.id, event.id), matches);
  const [row] = await ctx.read((tx) =>
    findEntries(tx, ctx.services.keyring, ctx.viewer, { where, orderBy: newestFirst, limit: 1, reading }),
  );
  return row ? { cursor: cursorOf(ctx, event, "auditTrail"), entry: auditEntryNodes.toNode(row) } : null;
}

export const auditEntrySealedModule: SubgraphModule = { resolvers: { audit: [AuditEntrySealedResolver] } };
