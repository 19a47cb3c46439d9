import type { Database, Databases } from "@weft/shared";
import type postgres from "postgres";

interface Plan {
  readonly Plan: { readonly "Shared Hit Blocks": number; readonly "Shared Read Blocks": number };
}

/** Databases whose statements are recorded, and connections with the same roles, which explain them. */
export interface Watched {
  readonly databases: Databases;
  readonly app: postgres.Sql;
  readonly auth: postgres.Sql;
  /** Tenant of the operation. */
  readonly tenantId: string;
}

/**
 * Returns the pages that the statements of an operation touch, by statement name. Runs each statement again with `explain`. Unlike times, page counts
 * are the same on every machine.
 */
export async function touchedPages(
  { databases, app, auth, tenantId }: Watched,
  run: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const seen: { sql: postgres.Sql; text: string; params: readonly unknown[] }[] = [];
  const watch = (database: Database, sql: postgres.Sql) => (database.onStatement = (text, params) => seen.push({ sql, text, params }));
  watch(databases.app, app);
  watch(databases.auth, auth);
  await run();
  databases.app.onStatement = databases.auth.onStatement = undefined;
  const pages: Record<string, number> = {};
  for (const { sql, text, params } of seen) {
    const [row] = await sql.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
      return tx.unsafe<{ "QUERY PLAN": Plan[] }[]>(`explain (analyze, buffers, format json) ${text}`, params as never[]);
    });
    const plan = row?.["QUERY PLAN"][0]?.Plan;
    const name = /^\/\* (\w+) \*\//.exec(text)?.[1] ?? text.slice(0, 60);
    pages[name] = (pages[name] ?? 0) + (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
  }
  return pages;
}
