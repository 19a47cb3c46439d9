import { applications as tables } from "@weft/drizzle";
import { atVersion, countRows, insertedRow, named, nextVersion, type Tx, writtenRow } from "@weft/platform/db";
import { eq } from "drizzle-orm";

const { applications } = tables;

export type ApplicationRow = typeof applications.$inferSelect;
export type ApplicationChanges = Partial<Pick<ApplicationRow, "name">>;

export async function findApplication(tx: Tx, id: string): Promise<ApplicationRow | null> {
  const [row] = await named("findApplication", tx.select().from(applications).where(eq(applications.id, id)));
  return row ?? null;
}

/** Locks an application, so that its manifests are changed one after the other. */
export async function lockApplication(tx: Tx, id: string): Promise<ApplicationRow | null> {
  const [row] = await named("lockApplication", tx.select().from(applications).where(eq(applications.id, id)).for("no key update"));
  return row ?? null;
}

export const countApplications = (tx: Tx): Promise<number> =>
  countRows(tx, { name: "countApplications", table: applications, where: undefined });

/** @throws BadUserInput if the key is taken */
export const insertApplication = (tx: Tx, values: typeof applications.$inferInsert): Promise<ApplicationRow> =>
  insertedRow(named("insertApplication", tx.insert(applications).values(values).returning()), {
    applications_key_key: { type: "application", field: "key", value: values.key },
  });

/** Null if the application has changed since `version`. */
export const updateApplicationRow = (tx: Tx, id: string, version: number, changes: ApplicationChanges): Promise<ApplicationRow | null> =>
  writtenRow(
    named(
      "updateApplication",
      tx
        .update(applications)
        .set({ ...changes, ...nextVersion(applications) })
        .where(atVersion(applications, id, version))
        .returning(),
    ),
  );

/** Deletes an application with its manifests. Null if it has changed since `version`. */
export const deleteApplicationRow = (tx: Tx, id: string, version: number): Promise<ApplicationRow | null> =>
  writtenRow(
    named(
      "deleteApplication",
      tx
        .delete(applications)
        .where(atVersion(applications, id, version))
        .returning(),
    ),
  );
