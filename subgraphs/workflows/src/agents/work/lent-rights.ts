import { agents as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import type { AgentRights } from "@weft/api/step-operations";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Session } from "./piece-of-work.js";

const { agents } = tables;

/**
 * Returns the rights that a tool of the last agent has now: what the agent had when its work began, without what was taken from it since then. Each agent
 * of the chain steers the next one, so all of their authors must have the rights, those of that time and those of now.
 * @returns null if one of the agents is no longer active, or no longer exists
 */
export async function lentRights(tx: Tx, chain: readonly Session[]): Promise<AgentRights | null> {
  const ids = [...new Set(chain.map(({ agent }) => agent.id))];
  const rows = await named(
    "findLentRights",
    tx
      .select({ id: agents.id, authorId: agents.authorId, permissions: agents.permissions })
      .from(agents)
      .where(and(eq(agents.tenantId, sql`app.tenant()`), inArray(agents.id, ids), eq(agents.status, "ACTIVE"))),
  );
  const own = chain.at(-1)?.agent;
  const now = rows.find(({ id }) => id === own?.id);
  if (!now || rows.length < ids.length) return null;
  const begun = chain.flatMap(({ agent }) => agent.rights?.authorId ?? []);
  const permissions = (own?.rights?.permissions ?? []).filter((permission) => now.permissions.includes(permission));
  return { authorIds: [...new Set([...begun, ...rows.map(({ authorId }) => authorId)])], permissions };
}
