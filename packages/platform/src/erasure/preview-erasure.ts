import type { Tx } from "../db/database.js";
import { countPersonalRows, isHeld } from "./erase-rows.store.js";
import { type ErasureKind, planErasure, readColumnFacts } from "./erasure-plan.js";
import { countFilesToErase } from "./person-files.store.js";

/** What happens to the rows of a table. */
export interface PreviewedTable {
  /** As `schema.table`. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly relation: "SUBJECT" | "AUTHOR";
  readonly action: "DELETE" | "REPLACE" | "KEEP";
  readonly rows: number;
}

export interface ErasurePreview {
  readonly isHeld: boolean;
  /** Tables with rows of the person. */
  readonly tables: readonly PreviewedTable[];
  /** Files that are deleted. */
  readonly files: number;
}

/** Returns what an erasure would do. Counts the rows of each table with personal values. */
export async function previewErasure(tx: Tx, kind: ErasureKind, personId: string): Promise<ErasurePreview> {
  const facts = await readColumnFacts(tx);
  const planned = new Set(planErasure(kind, facts).map(({ table, person }) => `${table} ${person}`));
  const tables: PreviewedTable[] = [];
  for (const plan of planErasure("ERASE", facts)) {
    const rows = await countPersonalRows(tx, plan, personId);
    const action = planned.has(`${plan.table} ${plan.person}`) ? plan.action : "KEEP";
    if (rows > 0) tables.push({ table: plan.table, columns: plan.columns, relation: plan.relation, action, rows });
  }
  return { isHeld: await isHeld(tx, personId), tables, files: await countFilesToErase(tx, { kind, personId }) };
}
