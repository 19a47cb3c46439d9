import { audit } from "@weft/drizzle";
import type { Viewer } from "@weft/shared/viewer";
import { openImages } from "@weft/platform/audit";
import type { Tx } from "@weft/platform/db";
import type { PersonKeyring } from "@weft/platform/privacy";
import { visibleInstances } from "@weft/platform/rights";
import type { SQL } from "drizzle-orm";
import type { EntryRow, OpenedEntry } from "./audit-entry.columns.js";

const { auditEntries } = audit;

/** Viewers who can read the audit see the tenant's entries; with scope OWN, only those of their own actions. */
export const visible = (viewer: Viewer): SQL => visibleInstances(viewer, "audit.read", { ownerId: auditEntries.actorId });

/** Columns with personal values. Decrypting them needs the keys of the persons, so it is not done for those that were not read. */
const sealedColumns = ["before", "after", "address", "userAgent"] as const;

const isOfEntry = (name: (typeof sealedColumns)[number]): name is "address" | "userAgent" => name === "address" || name === "userAgent";

/** Decrypts the rows in place: a copy would lose the columns that were not read, which throw. */
export async function openRows(tx: Tx, keyring: PersonKeyring, tenantId: string, rows: EntryRow[]): Promise<OpenedEntry[]> {
  const sealed = rows.flatMap((row) => sealedColumns.filter((name) => Object.hasOwn(row, name)).map((name) => ({ row, name })));
  const images = sealed.map(({ row, name }) =>
    isOfEntry(name) ? { type: "audit.entries", image: { [name]: row[name] } } : { type: row.entityType, image: row[name] },
  );
  const opened = await openImages(tx, keyring, tenantId, images);
  for (const [index, { row, name }] of sealed.entries()) {
    const image = opened[index] ?? null;
    if (isOfEntry(name)) row[name] = (image?.[name] as string | null | undefined) ?? null;
    else row[name] = image;
  }
  return rows;
}
