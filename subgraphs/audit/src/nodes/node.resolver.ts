import { Allow, authenticated, BadUserInput, type Context, hasPermission, NotFound, parseAnyId, quote, withArticle } from "@weft/shared";
import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { auditEntryLoader } from "../entries/audit-entry.loader.js";
import { notificationLoader } from "../notifications/notification.loader.js";
import { stubOf } from "./entity.type.js";
import { Node } from "./node.type.js";

/** As many as a page may have. */
const maxIds = 100;

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description:
      "The thing with this id, whatever it is; null when there is none that you may see. Errors: BAD_USER_INPUT (malformed id), NOT_FOUND.",
  })
  @Allow(authenticated)
  async node(@Arg("id", () => ID, { description: "Any id." }) id: string, @Ctx() ctx: Context): Promise<object> {
    const found = await findNode(ctx, id, "id");
    if (found === null) throw new NotFound("Node", id);
    return found;
  }

  @Query(() => [Node], {
    nullable: "itemsAndList",
    description:
      "The things with these ids, in their order, at most 100; null where there is none that you may see. Errors: BAD_USER_INPUT.",
  })
  @Allow(authenticated)
  nodes(@Arg("ids", () => [ID], { description: "Any ids." }) ids: string[], @Ctx() ctx: Context): Promise<(object | null)[]> {
    if (ids.length > maxIds) throw new BadUserInput([{ path: "ids", message: `At most ${maxIds} ids at once, not ${ids.length}.` }]);
    return Promise.all(ids.map((id, at) => findNode(ctx, id, `ids.${at}`)));
  }
}

/** Things of other subgraphs as stubs: their owners say whether the viewer sees them. */
async function findNode(ctx: Context, id: string, path: string): Promise<object | null> {
  const parsed = parseAnyId(id);
  if (!parsed) throw new BadUserInput([{ path, message: `${quote(id)} is no id.` }]);
  const stub = stubOf(parsed.type, parsed.uuid);
  if (stub) return stub;
  if (parsed.type === "auditEntry") return hasPermission(ctx.viewer, "audit.read") ? auditEntryLoader(ctx).load(parsed.uuid) : null;
  if (parsed.type === "notification") return notificationLoader(ctx).load(parsed.uuid);
  throw new BadUserInput([
    { path, message: `${quote(id)} is the id of ${withArticle(parsed.type)}, which cannot be looked up by its id alone.` },
  ]);
}
