import type { Context } from "../context/context.js";
import { BadUserInput } from "@weft/shared/errors";
import type { ConnectionArgs } from "./connection-args.js";
import { pageRequestOf } from "./connection-args.js";
import type { Page } from "./connection.js";
import { type CursorScope, decodeCursor, encodeCursor } from "./cursor.js";

interface OrderedPageOptions<Node> {
  readonly args: ConnectionArgs;
  /** Name of the list, to which its cursors are bound. Include the parent (`project.tasks …`), but not filters. */
  readonly list: string;
  /** UUIDs of all items in their order. */
  readonly ids: readonly string[];
  /** Loads an item of the page. Null if the viewer cannot see it: it is left out. */
  readonly load: (id: string) => Promise<Node | null>;
}

/**
 * Returns a page of a list whose order is computed and not stored, such as that of a tree. Only the items of the page are loaded.
 * @throws BadUserInput if the page size is out of range, the cursor belongs to another list or tenant, or its item is no longer in the list
 */
export async function orderedPage<Node>(
  ctx: Pick<Context, "viewer" | "services">,
  { args, list, ids, load }: OrderedPageOptions<Node>,
): Promise<Page<Node>> {
  const { size, from } = pageRequestOf(args);
  const scope: CursorScope = { key: ctx.services.keys.cursor, tenantId: ctx.viewer.tenantId, list };
  const places = new Map(ids.map((id, place) => [id, place]));
  const start = typeof args.after === "string" ? placeOf(scope, places, args.after, "after") + 1 : 0;
  const end = typeof args.before === "string" ? placeOf(scope, places, args.before, "before") : ids.length;
  const within = ids.slice(start, Math.max(start, end));
  const page = from === "start" ? within.slice(0, size) : within.slice(Math.max(0, within.length - size));
  const nodes = await Promise.all(page.map(load));
  const edges = page.flatMap((id, at) => {
    const node = nodes[at] ?? null;
    return node === null ? [] : [{ cursor: encodeCursor(scope, [id]), node }];
  });
  const isCut = page.length < within.length;
  return {
    edges,
    pageInfo: {
      hasNextPage: from === "start" ? isCut || end < ids.length : end < ids.length,
      hasPreviousPage: from === "end" ? isCut || start > 0 : start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => Promise.resolve(ids.length),
  };
}

function placeOf(scope: CursorScope, places: ReadonlyMap<string, number>, cursor: string, path: string): number {
  const [id = ""] = decodeCursor(scope, cursor, path);
  const place = places.get(id);
  if (place === undefined) throw new BadUserInput([{ path, message: "The item of this cursor is no longer in the list. Start over." }]);
  return place;
}
