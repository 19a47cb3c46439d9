import { Allow, can, ConnectionArgs, type Context, type Page, parseAnyId } from "@weft/shared";
import { Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import { type AuditEntry, AuditEntryConnection } from "../entries/audit-entry.type.js";
import { auditTrail } from "../entries/audit-trail.service.js";
import { type EntityStub, entityTypes } from "./entity.type.js";

/** What audit adds to an entity. It requires the owner's `id` so that the plan visits the owner, and for no other reason. */
function trailOf(type: new () => object): new () => object {
  @Resolver(() => type)
  class EntityResolver {
    @FieldResolver(() => AuditEntryConnection, {
      nullable: true,
      description:
        "Everything that was done to it, newest first. Needs audit.read. Null with an error where it is refused or audit is down.",
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
