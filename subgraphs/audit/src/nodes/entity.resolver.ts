import { parseAnyId } from "@weft/shared/ids";
import type { Context } from "@weft/api/context";
import { ConnectionArgs, type Page } from "@weft/api/pages";
import { Allow, can } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import { type AuditEntry, AuditEntryConnection } from "../entries/audit-entry.type.js";
import { auditTrail } from "../entries/audit-trail.service.js";
import { type EntityStub, entityTypes } from "./entity.type.js";

/**
 * Returns the resolver for the fields that audit adds to an entity. They require the owner's `id` only to ensure that the query plan calls the owning
 * subgraph.
 */
function trailOf(type: new () => object): new () => object {
  @Resolver(() => type)
  class EntityResolver {
    @FieldResolver(() => AuditEntryConnection, {
      nullable: true,
      description:
        "Audit trail, newest first, with the entries of the workflows about the object. Requires `audit.read`. Null with an error if access is refused or the audit service is unavailable.",
    })
    @Directive('@requires(fields: "id")')
    @Allow(can("audit.read"))
    auditTrail(
      @Root() entity: EntityStub,
      @Args(() => ConnectionArgs) args: ConnectionArgs,
      @Ctx() ctx: Context,
    ): Promise<Page<AuditEntry>> {
      return auditTrail(ctx, parseAnyId(entity.nodeKey)?.uuid ?? "", args);
    }
  }
  return EntityResolver;
}

export const entityResolvers = entityTypes.map(trailOf);

export const entityModule: SubgraphModule = { resolvers: { objects: entityResolvers } };
