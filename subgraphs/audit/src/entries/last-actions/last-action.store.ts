import { audit, identity } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { visibleInstances } from "@weft/platform/rights";
import { among, named, planForValues, type Tx } from "@weft/platform/db";
import { and, asc, eq, gte, isNotNull, lt, sql } from "drizzle-orm";
import { visible } from "../visible-entries.js";

const { auditEntries } = audit;
const { users } = identity;

/** Returns those of the given users whose entries the viewer can see: with scope OWN, only the viewer. */
export async function findActors(tx: Tx, viewer: Viewer, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const isSeen = visibleInstances(viewer, "audit.read", { ownerId: users.id });
  const query = tx
    .select({ id: users.id })
    .from(users)
    .where(and(among(users.id, ids), isSeen));
  return new Set((await named("findActors", query)).map(({ id }) => id));
}

export interface LastActionRow {
  readonly actorId: string;
  readonly action: string;
  readonly lastAt: string;
  readonly count: number;
}

/** Whose actions are read, and from which period. */
interface ActionsToRead {
  readonly actorIds: readonly string[];
  readonly from: string | null;
  /** Not included. */
  readonly to: string | null;
}

/**
 * Returns the actions of users, each with the time of its newest entry. What somebody did on behalf of another user is an action of the actor only. What
 * has neither a session nor an API key is not included: work in the background in the name of a user, and failed logins, which can be anybody's. What
 * changed nothing is not included either: refusals, failures and reads.
 *
 * The statement is planned for its values: the entries of a few users are found by their index, those of a short period by age.
 */
export async function findLastActions(tx: Tx, viewer: Viewer, { actorIds, from, to }: ActionsToRead): Promise<readonly LastActionRow[]> {
  await planForValues(tx);
  const { actorId, action, at, sessionId } = auditEntries;
  const query = tx
    .select({ actorId, action, lastAt: sql<string>`max(${at})`, count: sql<number>`count(*)::int` })
    .from(auditEntries)
    .where(
      and(
        visible(viewer),
        among(actorId, actorIds),
        isNotNull(sessionId),
        eq(auditEntries.class, "CHANGE"),
        from === null ? undefined : gte(at, from),
        to === null ? undefined : lt(at, to),
      ),
    )
    .groupBy(actorId, action)
    .orderBy(asc(actorId), asc(action));
  return named("findLastActions", query);
}
