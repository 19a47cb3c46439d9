import { audit } from "@weft/drizzle";
import { among, atVersion, countRows, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { and, desc, eq, inArray, lte, ne, sql } from "drizzle-orm";

const { notificationTemplates: templates, notificationTemplateVersions: versions } = audit;

export type TemplateRow = typeof templates.$inferSelect;
export type TemplateVersionRow = typeof versions.$inferSelect;

export const findTemplates = (tx: Tx, ids: readonly string[]): Promise<TemplateRow[]> =>
  named("findTemplates", tx.select().from(templates).where(among(templates.id, ids)));

export const countTemplates = (tx: Tx): Promise<number> => countRows(tx, { name: "countTemplates", table: templates, where: undefined });

/** Returns null if the tenant has a template of that kind, channel and locale. */
export function insertTemplate(tx: Tx, values: typeof templates.$inferInsert): Promise<TemplateRow | null> {
  return writtenRow(named("insertTemplate", tx.insert(templates).values(values).onConflictDoNothing().returning()));
}

/** Returns null if the template's version is no longer `version`. */
export function updateTemplateRow(
  tx: Tx,
  { id, version }: Pick<TemplateRow, "id" | "version">,
  changes: Partial<Pick<TemplateRow, "publishedNumber" | "latestNumber">>,
): Promise<TemplateRow | null> {
  const query = tx
    .update(templates)
    .set({ ...changes, ...nextVersion(templates) })
    .where(atVersion(templates, id, version))
    .returning();
  return writtenRow(named("updateTemplateRow", query));
}

/** Returns false if the template's version is no longer `version`. */
export async function deleteTemplateRow(tx: Tx, id: string, version: number): Promise<boolean> {
  const query = tx
    .delete(templates)
    .where(atVersion(templates, id, version))
    .returning({ id: templates.id });
  return (await named("deleteTemplateRow", query)).length > 0;
}

export async function insertVersion(tx: Tx, values: typeof versions.$inferInsert): Promise<void> {
  await named("insertTemplateVersion", tx.insert(versions).values(values));
}

/** Deletes the versions up to a number, except the published one. */
export async function deleteVersionsUpTo(tx: Tx, { id, publishedNumber }: TemplateRow, number: number): Promise<void> {
  const old = and(eq(versions.templateId, id), lte(versions.number, number), ne(versions.number, publishedNumber ?? 0));
  await named("deleteTemplateVersions", tx.delete(versions).where(old));
}

/** Returns all versions of templates, newest first. */
export const findVersionsOf = (tx: Tx, templateIds: readonly string[]): Promise<TemplateVersionRow[]> =>
  named("findTemplateVersionsOf", tx.select().from(versions).where(among(versions.templateId, templateIds)).orderBy(desc(versions.number)));

export async function findVersion(tx: Tx, templateId: string, number: number): Promise<TemplateVersionRow | null> {
  const query = tx
    .select()
    .from(versions)
    .where(and(eq(versions.templateId, templateId), eq(versions.number, number)));
  const [row] = await named("findTemplateVersion", query);
  return row ?? null;
}

/** The published version of a template, and the locale that it is for. */
export interface PublishedTemplate extends Pick<TemplateVersionRow, "subject" | "html" | "text"> {
  readonly locale: string;
}

/** Returns the published version for the first of the locales that has one. Null if none has. */
export async function findPublished(
  tx: Tx,
  { kind, channel, locales }: { readonly kind: string; readonly channel: string; readonly locales: readonly string[] },
): Promise<PublishedTemplate | null> {
  const query = tx
    .select({ locale: templates.locale, subject: versions.subject, html: versions.html, text: versions.text })
    .from(templates)
    .innerJoin(
      versions,
      and(eq(versions.tenantId, templates.tenantId), eq(versions.templateId, templates.id), eq(versions.number, templates.publishedNumber)),
    )
    .where(and(eq(templates.kind, kind), eq(templates.channel, channel), inArray(templates.locale, [...locales])))
    .orderBy(sql`array_position(${sql.param([...locales])}::text[], ${templates.locale})`)
    .limit(1);
  const [row] = await named("findPublishedTemplate", query);
  return row ?? null;
}
