/** What a project gets from a template. */
import { type TemplateTime, vendors as tables } from "@weft/drizzle";
import { named, type Tx } from "@weft/platform/db";
import { sql } from "drizzle-orm";

const { projectTaskDependencies: dependencies, projectTasks } = tables;

export type NewTask = typeof projectTasks.$inferInsert;
export type NewDependency = typeof dependencies.$inferInsert;

/** Rows of one statement: each value of a row is a parameter, and a statement has at most 65,535. */
const BATCH = 1000;

/** Returns the times of a project that begins on a day, in the order of the given ones. */
export async function resolveTimes(
  tx: Tx,
  times: readonly TemplateTime[],
  { day, timeZone }: { readonly day: string; readonly timeZone: string },
): Promise<string[]> {
  if (times.length === 0) return [];
  const rows = await tx.execute<{ at: string }>(
    named(
      "resolveTemplateTimes",
      sql`select to_char(((${day}::date + (t ->> 'day')::integer) + (t ->> 'time')::time) at time zone ${timeZone} at time zone 'UTC',
            'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
          from jsonb_array_elements(${JSON.stringify(times)}::text::jsonb) with ordinality as given (t, place) order by place`,
    ),
  );
  return rows.map(({ at }) => at);
}

/** Inserts tasks, each after its parent. */
export async function insertTasks(tx: Tx, rows: readonly NewTask[]): Promise<(typeof projectTasks.$inferSelect)[]> {
  const inserted = [];
  for (let from = 0; from < rows.length; from += BATCH)
    inserted.push(
      ...(await named(
        "insertTasksOfTemplate",
        tx
          .insert(projectTasks)
          .values(rows.slice(from, from + BATCH))
          .returning(),
      )),
    );
  return inserted;
}

export async function insertDependencies(tx: Tx, rows: readonly NewDependency[]): Promise<(typeof dependencies.$inferSelect)[]> {
  const inserted = [];
  for (let from = 0; from < rows.length; from += BATCH)
    inserted.push(
      ...(await named(
        "insertDependenciesOfTemplate",
        tx
          .insert(dependencies)
          .values(rows.slice(from, from + BATCH))
          .returning(),
      )),
    );
  return inserted;
}
