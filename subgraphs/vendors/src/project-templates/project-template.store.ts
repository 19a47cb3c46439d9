import { vendors as tables } from "@weft/drizzle";
import { insertedRow, named, type Tx, writtenRow } from "@weft/shared";
import { eq } from "drizzle-orm";

const { projectTemplates: templates } = tables;

export type ProjectTemplateRow = typeof templates.$inferSelect;

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
