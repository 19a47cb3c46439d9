import { workflows } from "@weft/drizzle";
import { compile, type Machine } from "@weft/engine";
import { named, type Tx } from "@weft/shared";
import { and, desc, eq } from "drizzle-orm";

const { definitions } = workflows;

/** The machine of the newest published version of a definition, or null when there is none. */
export async function findPublishedMachine(tx: Tx, key: string): Promise<Machine | null> {
  const query = tx
    .select({ document: definitions.document })
    .from(definitions)
    .where(and(eq(definitions.key, key), eq(definitions.status, "PUBLISHED")))
    .orderBy(desc(definitions.number))
    .limit(1);
  const [row] = await named("findPublishedMachine", query);
  if (row === undefined) return null;
  const compiled = compile(row.document);
  return compiled.ok ? compiled.machine : null;
}
