import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";
import type { Machine } from "../../core/model/machine.js";

/** Removes indexed properties that the other version does not declare. Does nothing if both declare the same. */
export async function forgetFields(
  tx: Tx,
  instanceId: string,
  { before, after }: { before: Machine | null; after: Machine | null },
): Promise<void> {
  const declared = new Set(after?.index.map(({ name }) => name));
  const gone = (before?.index ?? []).filter(({ name }) => !declared.has(name));
  if (gone.length === 0) return;
  const names = gone.map(({ name }) => name);
  await tx.execute(
    named(
      "forgetFields",
      sql`delete from workflows.instance_fields
        where tenant_id = app.tenant() and instance_id = ${instanceId}::uuid and field = any(${sql.param(names)}::text[])`,
    ),
  );
  // If texts remain, the migration has already written their words again.
  const hadTexts = before?.index.some(({ type }) => type === "text") === true;
  if (!hadTexts || after?.index.some(({ type }) => type === "text")) return;
  await tx.execute(
    named("forgetWords", sql`delete from workflows.instance_words where tenant_id = app.tenant() and instance_id = ${instanceId}::uuid`),
  );
}
