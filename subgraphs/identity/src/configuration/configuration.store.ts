import { app } from "@weft/drizzle";
import { named } from "@weft/shared";
import type { ConfigurationDocument, ConfigurationLevel, Tx } from "@weft/shared";
import { and, desc, eq, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";

const { configurations, sharedConfigurations } = app;

/** Where a configuration stands: a level, and there a team, a tenant (UUIDs), a plan, or "" for the platform. */
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

const isShared = ({ level }: Place): boolean => level === "PLATFORM" || level === "PLAN";

/** The column that a page of the versions of a place is ordered by. */
export const versionColumn = (place: Place): AnyColumn => (isShared(place) ? sharedConfigurations.version : configurations.version);

/** The versions of a place; row-level security leaves the transaction's tenant alone, and weft_auth reads those of any tenant. */
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

/** Versions of a place, or some of them; newest first unless the page says otherwise. */
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

/** The present version, or null before the first. */
export async function findPresent(tx: Tx, place: Place): Promise<VersionRow | null> {
  const [row] = await selectVersions(tx, place, { limit: 1 });
  return row ?? null;
}

export async function findVersion(tx: Tx, place: Place, version: number): Promise<VersionRow | null> {
  const [row] = await selectVersions(tx, place, { where: eq(versionColumn(place), version), limit: 1 });
  return row ?? null;
}

/** Writers of one place go one after the other until the end of the transaction: the second sees what the first has written. */
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
