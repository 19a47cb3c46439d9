import { agents as tables } from "@weft/drizzle";
import { atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { asc, eq } from "drizzle-orm";
import type { AgentRow } from "./agent.type.js";

const { agents } = tables;

/** Returns the agents of the tenant, by name. */
export const selectAgents = (tx: Tx): Promise<AgentRow[]> =>
  named("selectAgents", tx.select().from(agents).orderBy(asc(agents.name), asc(agents.id)));

export async function findAgent(tx: Tx, id: string): Promise<AgentRow | null> {
  const [row] = await named("findAgent", tx.select().from(agents).where(eq(agents.id, id)));
  return row ?? null;
}

export const countAgents = (tx: Tx): Promise<number> => countRows(tx, { name: "countAgents", table: agents, where: undefined });

/** @throws BadUserInput if the key is taken */
export const insertAgent = (tx: Tx, values: typeof agents.$inferInsert): Promise<AgentRow> =>
  insertedRow(named("insertAgent", tx.insert(agents).values(values).returning()), {
    agents_key_key: { type: "agent", field: "key", value: values.key },
  });

export type AgentChanges = Partial<
  Pick<
    AgentRow,
    "name" | "providerId" | "model" | "instructions" | "outputSchema" | "tools" | "limits" | "status" | "permissions" | "authorId"
  >
>;

/** Null if the agent has changed since `version`. */
export const updateAgentRow = (tx: Tx, id: string, version: number, changes: AgentChanges): Promise<AgentRow | null> =>
  writtenRow(
    named(
      "updateAgent",
      tx
        .update(agents)
        .set({ ...changes, ...nextVersion(agents) })
        .where(atVersion(agents, id, version))
        .returning(),
    ),
  );

/** Null if the agent has changed since `version`. */
export const deleteAgentRow = (tx: Tx, id: string, version: number): Promise<AgentRow | null> =>
  writtenRow(
    named(
      "deleteAgent",
      tx
        .delete(agents)
        .where(atVersion(agents, id, version))
        .returning(),
    ),
  );
