import { vendors as tables } from "@weft/drizzle";
import { countRows, insertedRow, named, type Tx, writtenRow } from "@weft/platform/db";
import type { KeysetSlice } from "@weft/api/pages";
import { eq, getTableColumns, type SQL, sql } from "drizzle-orm";

const { projectTemplates: templates } = tables;

export type ProjectTemplateRow = typeof templates.$inferSelect;

const { content, ...columns } = getTableColumns(templates);
const countOf = (part: "tasks" | "dependencies" | "milestones"): SQL<number> => sql<number>`jsonb_array_length(${content} -> ${part})`;

/** A template with figures of its content, which can be large. */
const shown = {
  ...columns,
  definitionKey: sql<string>`${content} ->> 'definitionKey'`,
  phases: sql<
    string[]
  >`(select coalesce(jsonb_agg(case jsonb_typeof(phase) when 'string' then phase else phase -> 'name' end order by place), '[]')
    from jsonb_array_elements(${content} -> 'phases') with ordinality as given (phase, place))`,
  taskCount: countOf("tasks"),
  dependencyCount: countOf("dependencies"),
  milestoneCount: countOf("milestones"),
};

export type ShownTemplate = Awaited<ReturnType<typeof selectTemplatesSlice>>[number];

export const selectTemplatesSlice = (tx: Tx, where: SQL | undefined, { orderBy, limit }: Pick<KeysetSlice, "orderBy" | "limit">) =>
  named(
    "listProjectTemplates",
    tx
      .select(shown)
      .from(templates)
      .where(where)
      .orderBy(...orderBy)
      .limit(limit),
  );

export const countTemplates = (tx: Tx, where: SQL | undefined): Promise<number> =>
  countRows(tx, { name: "countProjectTemplates", table: templates, where });

export async function findShownTemplate(tx: Tx, id: string): Promise<ShownTemplate | null> {
  const [row] = await named("findShownProjectTemplate", tx.select(shown).from(templates).where(eq(templates.id, id)));
  return row ?? null;
}

export async function findTemplate(tx: Tx, id: string): Promise<ProjectTemplateRow | null> {
  const [row] = await named("findProjectTemplate", tx.select().from(templates).where(eq(templates.id, id)));
  return row ?? null;
}

/** @throws BadUserInput if the name is taken */
export const insertTemplate = (tx: Tx, values: typeof templates.$inferInsert): Promise<ProjectTemplateRow> =>
  insertedRow(named("insertProjectTemplate", tx.insert(templates).values(values).returning()), {
    project_templates_name_key: { type: "projectTemplate", field: "name", value: values.name },
  });

/** Null if there is no such template. */
export const deleteTemplate = (tx: Tx, id: string): Promise<ProjectTemplateRow | null> =>
  writtenRow(named("deleteProjectTemplate", tx.delete(templates).where(eq(templates.id, id)).returning()));
