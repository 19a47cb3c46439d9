import { requests as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { eq, sql } from "drizzle-orm";

const { requests } = tables;

export type Triage = Pick<typeof requests.$inferSelect, "impact" | "urgency" | "setPriority" | "priority" | "dueAt" | "tags">;

/** Writes the values, and increments the request's own version. */
export async function updateTriage(tx: Tx, id: string, triage: Triage, updatedAt: string): Promise<void> {
  const changes = { ...triage, updatedAt, version: sql`${requests.version} + 1` };
  await named("updateTriage", tx.update(requests).set(changes).where(eq(requests.id, id)));
}
