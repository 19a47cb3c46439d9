import type { Database, Databases } from "@weft/platform/db";
import type { postgres } from "@weft/pg-driver";

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

/** What a statement does. */
export interface ExplainedStatement {
  readonly name: string;
  /** Pages that it touches. Unlike times, they are the same on every machine. */
  readonly pages: number;
  /** Plan for its actual parameters, as `explain (costs off)` formats it. */
  readonly plan: string;
}

/**
 * Returns the plans of the statements of an operation. Runs each statement again with `explain`.
 * @param names only statements with these names, for an operation whose other statements write
 */
export async function explainStatements(
  watched: Watched,
  run: () => Promise<unknown>,
  names?: readonly string[],
): Promise<ExplainedStatement[]> {
  const { databases, app, auth, tenantId } = watched;
  const seen: { sql: postgres.Sql; text: string; params: readonly unknown[] }[] = [];
  const watch = (database: Database, sql: postgres.Sql) => (database.onStatement = (text, params) => seen.push({ sql, text, params }));
  watch(databases.app, app);
  watch(databases.auth, auth);
  await run();
  databases.app.onStatement = databases.auth.onStatement = undefined;
  const explained: ExplainedStatement[] = [];
  for (const { sql, text, params } of seen) {
    const name = /^\/\* (\w+) \*\//.exec(text)?.[1] ?? text.slice(0, 60);
    if (names !== undefined && !names.includes(name)) continue;
    const given = params as never[];
    const { rows, lines } = await sql.begin(async (tx) => {
      await tx`select set_config('app.tenant_id', ${tenantId}, true)`;
      return {
        rows: await tx.unsafe<{ "QUERY PLAN": Plan[] }[]>(`explain (analyze, buffers, format json) ${text}`, given),
        lines: await tx.unsafe<{ "QUERY PLAN": string }[]>(`explain (costs off) ${text}`, given),
      };
    });
    const plan = rows[0]?.["QUERY PLAN"][0]?.Plan;
    explained.push({
      name,
      pages: (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0),
      plan: lines.map((line) => line["QUERY PLAN"]).join("\n"),
    });
  }
  return explained;
}

/** Returns the pages that the statements of an operation touch, by statement name. */
export async function touchedPages(watched: Watched, run: () => Promise<unknown>): Promise<Record<string, number>> {
  const pages: Record<string, number> = {};
  for (const { name, pages: more } of await explainStatements(watched, run)) pages[name] = (pages[name] ?? 0) + more;
  return pages;
}
