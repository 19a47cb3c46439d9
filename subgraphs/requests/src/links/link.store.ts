import { requests as tables, workflows } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { startConsuming, stopConsuming } from "@weft/platform/events";
import { and, count, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";

const { links, requests } = tables;
const { instanceHeads } = workflows;

export type LinkRow = typeof links.$inferSelect;
export type LinkKey = Pick<LinkRow, "kind" | "fromId" | "toId">;

/** Returns the links from and to requests that were already checked to be visible. The other ends might not be. */
export const findLinks = (tx: Tx, requestIds: readonly string[]): Promise<LinkRow[]> =>
  named(
    "findLinks",
    tx
      .select()
      .from(links)
      .where(or(inArray(links.fromId, [...requestIds]), inArray(links.toId, [...requestIds])))
      .orderBy(links.createdAt, links.fromId, links.toId),
  );

export async function countLinks(tx: Tx, requestId: string): Promise<number> {
  const query = tx
    .select({ count: count() })
    .from(links)
    .where(or(eq(links.fromId, requestId), eq(links.toId, requestId)));
  const [row] = await named("countLinks", query);
  return row?.count ?? 0;
}

/** Waits for other transactions of the tenant that add links: two of them could close a cycle together. */
export async function lockLinks(tx: Tx, tenantId: string): Promise<void> {
  await tx.execute(named("lockLinks", sql`select pg_advisory_xact_lock(hashtextextended(${`requests.links ${tenantId}`}::text, 0))`));
}

/** Returns whether links of the kind lead from one request to the other, over any number of requests. */
export async function leadsTo(tx: Tx, { kind, fromId, toId }: LinkKey): Promise<boolean> {
  const [row] = await tx.execute<{ leads: boolean }>(
    named(
      "leadsTo",
      sql`with recursive reached (id) as (
        select ${fromId}::uuid
        union
        select l.to_id from reached r join requests.links l on l.tenant_id = app.tenant() and l.from_id = r.id and l.kind = ${kind}
      ) select exists (select from reached where id = ${toId}::uuid) as leads`,
    ),
  );
  return row?.leads ?? false;
}

/** Returns false if the link exists. */
export async function insertLink(tx: Tx, row: Omit<LinkRow, "createdAt">): Promise<boolean> {
  const query = tx
    .insert(links)
    .values({ ...row, createdAt: sql`app.weft_now()` })
    .onConflictDoNothing({ target: [links.tenantId, links.kind, links.fromId, links.toId] })
    .returning({ kind: links.kind });
  return (await named("insertLink", query)).length > 0;
}

/** Returns false if there is no such link. */
export async function deleteLink(tx: Tx, { kind, fromId, toId }: LinkKey): Promise<boolean> {
  const query = tx
    .delete(links)
    .where(and(eq(links.kind, kind), eq(links.fromId, fromId), eq(links.toId, toId)))
    .returning({ kind: links.kind });
  return (await named("deleteLink", query)).length > 0;
}

/** Name of the cursor of the consumer that ends duplicates. Must never change. */
export const DUPLICATES_CONSUMER = "duplicates";

/** Lets the consumer run in this tenant. */
export const watchOriginals = (tx: Tx): Promise<void> => startConsuming(tx, DUPLICATES_CONSUMER);

/** Ends the consumer in this tenant if no request is a duplicate any more. */
export const unwatchOriginals = (tx: Tx): Promise<void> =>
  stopConsuming(tx, DUPLICATES_CONSUMER, sql`exists (select from requests.links where tenant_id = app.tenant() and kind = 'DUPLICATES')`);

/** Returns the instances of the duplicates of a request that have not ended, oldest first. */
export async function findOpenDuplicates(tx: Tx, originalId: string): Promise<string[]> {
  const query = tx
    .select({ id: instanceHeads.id })
    .from(links)
    .innerJoin(requests, and(eq(requests.tenantId, links.tenantId), eq(requests.id, links.fromId)))
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, requests.tenantId), eq(instanceHeads.id, requests.instanceId)))
    .where(and(eq(links.kind, "DUPLICATES"), eq(links.toId, originalId), isNull(instanceHeads.closedAt)))
    .orderBy(links.createdAt, links.fromId);
  return (await named("findOpenDuplicates", query)).map(({ id }) => id);
}

const blocker = alias(requests, "blocker");

/** Returns the IDs of the requests that have to end before the given one is closed: its blockers and its children. */
export async function findOpenBlockers(tx: Tx, requestId: string): Promise<string[]> {
  const isBlocker = and(eq(links.kind, "BLOCKS"), eq(links.toId, requestId), eq(blocker.id, links.fromId));
  const isChild = and(eq(links.kind, "PARENT_OF"), eq(links.fromId, requestId), eq(blocker.id, links.toId));
  const query = tx
    .selectDistinct({ id: blocker.id })
    .from(links)
    .innerJoin(blocker, and(eq(blocker.tenantId, links.tenantId), or(isBlocker, isChild)))
    .innerJoin(instanceHeads, and(eq(instanceHeads.tenantId, blocker.tenantId), eq(instanceHeads.id, blocker.instanceId)))
    .where(isNull(instanceHeads.closedAt));
  return (await named("findOpenBlockers", query)).map(({ id }) => id);
}
