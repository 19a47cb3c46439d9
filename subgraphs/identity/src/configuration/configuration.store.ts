import { app } from "@weft/drizzle";
import type { ConfigurationDocument, ConfigurationLevel } from "@weft/platform/configuration";
import { named, type Tx } from "@weft/platform/db";
import { and, desc, eq, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";

const { configurations, sharedConfigurations } = app;

/** Place of a configuration: a level, and within it a team or tenant (UUID), a plan, or "" for the platform. */
export interface Place {
  readonly level: ConfigurationLevel;
  readonly subject: string;
}

export interface VersionRow extends Place {
  readonly version: number;
  readonly document: ConfigurationDocument;
  readonly authorId: string | null;
  readonly message: string;
  readonly createdAt: string;
}

/** Current configuration of a place. `row` is null before the first version. */
export interface Present {
  readonly place: Place;
  readonly row: VersionRow | null;
}

const isShared = ({ level }: Place): boolean => level === "PLATFORM" || level === "PLAN";

/** Column by which a page of the versions of a place is ordered. */
export const versionColumn = (place: Place): AnyColumn => (isShared(place) ? sharedConfigurations.version : configurations.version);

/** Condition for the versions of a place. Row-level security limits them to the transaction's tenant; weft_auth can read those of any tenant. */
const versionsAt = (place: Place): SQL | undefined =>
  isShared(place)
    ? and(eq(sharedConfigurations.level, place.level), eq(sharedConfigurations.key, place.subject))
    : and(
        place.level === "TEAM" ? undefined : eq(configurations.tenantId, place.subject),
        eq(configurations.level, place.level),
        eq(configurations.subjectId, place.subject),
      );

const own = {
  level: sql<ConfigurationLevel>`${configurations.level}`,
  subject: sql<string>`${configurations.subjectId}::text`,
  version: configurations.version,
  document: configurations.document,
  authorId: sql<string | null>`${configurations.authorId}`,
  message: configurations.message,
  createdAt: configurations.createdAt,
};

const shared = {
  level: sql<ConfigurationLevel>`${sharedConfigurations.level}`,
  subject: sharedConfigurations.key,
  version: sharedConfigurations.version,
  document: sharedConfigurations.document,
  authorId: sharedConfigurations.authorId,
  message: sharedConfigurations.message,
  createdAt: sharedConfigurations.createdAt,
};

/** Returns versions of a place, optionally a slice of them, newest first unless the page specifies otherwise. */
export function selectVersions(
  tx: Tx,
  place: Place,
  { where, orderBy = [desc(versionColumn(place))], limit }: { where?: SQL | undefined; orderBy?: SQL[]; limit: number },
): Promise<VersionRow[]> {
  const which = and(versionsAt(place), where);
  return isShared(place)
    ? named(
        "selectVersions",
        tx
          .select(shared)
          .from(sharedConfigurations)
          .where(which)
          .orderBy(...orderBy)
          .limit(limit),
      )
    : named(
        "selectVersions",
        tx
          .select(own)
          .from(configurations)
          .where(which)
          .orderBy(...orderBy)
          .limit(limit),
      );
}

export async function countVersions(tx: Tx, place: Place): Promise<number> {
  const count = { count: sql<number>`count(*)::int` };
  const [row] = isShared(place)
    ? await named("countVersions", tx.select(count).from(sharedConfigurations).where(versionsAt(place)))
    : await named("countVersions", tx.select(count).from(configurations).where(versionsAt(place)));
  return row?.count ?? 0;
}

/** Returns the current version, or null before the first. */
export async function findPresent(tx: Tx, place: Place): Promise<VersionRow | null> {
  const [row] = await selectVersions(tx, place, { limit: 1 });
  return row ?? null;
}

export async function findVersion(tx: Tx, place: Place, version: number): Promise<VersionRow | null> {
  const [row] = await selectVersions(tx, place, { where: eq(versionColumn(place), version), limit: 1 });
  return row ?? null;
}

/** Serializes the writers of one place until the end of the transaction, so each sees the changes of the previous one. */
export async function lockPlace(tx: Tx, { level, subject }: Place): Promise<void> {
  await tx.execute(
    named("lockPlace", sql`select pg_advisory_xact_lock(hashtextextended('weft.configuration.' || ${`${level} ${subject}`}::text, 0))`),
  );
}

export async function insertVersion(
  tx: Tx,
  tenantId: string,
  { subject, ...row }: Omit<VersionRow, "createdAt"> & { authorId: string },
): Promise<VersionRow> {
  const [inserted] = isShared({ level: row.level, subject })
    ? await named(
        "insertVersion",
        tx
          .insert(sharedConfigurations)
          .values({ ...row, key: subject })
          .returning(shared),
      )
    : await named(
        "insertVersion",
        tx
          .insert(configurations)
          .values({ ...row, tenantId, subjectId: subject })
          .returning(own),
      );
  if (!inserted) throw new Error("The insert of a configuration returned no row.");
  return inserted;
}
