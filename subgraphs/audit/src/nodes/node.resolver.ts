import { BadUserInput, NotFound, quote } from "@weft/shared/errors";
import { parseAnyId, withArticle } from "@weft/shared/ids";
import { hasPermission } from "@weft/shared/viewer";
import type { Context } from "@weft/api/context";
import { SizedBy } from "@weft/api/cost";
import { Allow, authenticated, VendorPortal } from "@weft/api/rules";
import type { SubgraphModule } from "@weft/api/subgraph";
import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { auditEntryLoader } from "../entries/audit-entry.loader.js";
import { notificationLoader } from "../notifications/notification.loader.js";
import { stubOf, entityReferences } from "./entity.type.js";
import { Node } from "./node.type.js";

/** Same as the maximum page size. */
const maxIds = 100;

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description:
      "Object with this ID, of any type. Null if there is none that you can see. Errors: BAD_USER_INPUT (malformed ID), NOT_FOUND.",
  })
  @Allow(authenticated)
  @VendorPortal()
  async node(@Arg("id", () => ID, { description: "ID of any object." }) id: string, @Ctx() ctx: Context): Promise<object> {
    const found = await findNode(ctx, id, "id");
    if (found === null) throw new NotFound("Node", id);
    return found;
  }

  @Query(() => [Node], {
    nullable: "itemsAndList",
    description:
      "Objects with these IDs, in the given order (at most 100). Null for each that you cannot see or that does not exist. Errors: BAD_USER_INPUT.",
  })
  @Allow(authenticated)
  @VendorPortal()
  @SizedBy({ by: ["ids"], initial: 1, maximum: maxIds })
  nodes(@Arg("ids", () => [ID], { description: "IDs of any objects." }) ids: string[], @Ctx() ctx: Context): Promise<(object | null)[]> {
    if (ids.length > maxIds) throw new BadUserInput([{ path: "ids", message: `At most ${maxIds} IDs are allowed, not ${ids.length}.` }]);
    return Promise.all(ids.map((id, at) => findNode(ctx, id, `ids.${at}`)));
  }
}

/** Returns objects of other subgraphs as stubs. Their owning subgraphs decide whether the viewer can see them. */
async function findNode(ctx: Context, id: string, path: string): Promise<object | null> {
  const parsed = parseAnyId(id);
  if (!parsed) throw new BadUserInput([{ path, message: `${quote(id)} is not a valid ID.` }]);
  const stub = stubOf(parsed.type, parsed.uuid);
  if (stub) return stub;
  if (parsed.type === "auditEntry") return hasPermission(ctx.viewer, "audit.read") ? auditEntryLoader(ctx).load(parsed.uuid) : null;
  if (parsed.type === "notification") return notificationLoader(ctx).load(parsed.uuid);
  throw new BadUserInput([
    { path, message: `${quote(id)} is the ID of ${withArticle(parsed.type)}, which cannot be looked up by its ID alone.` },
  ]);
}

export const nodeModule: SubgraphModule = { resolvers: { objects: [NodeResolver] }, references: entityReferences };
