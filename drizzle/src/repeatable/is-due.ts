import type { Sql } from "@weft/pg-driver";

export type OnLaterVersion = "keepInUse" | "apply";

export interface DueOptions {
  /** Hash of this version's files. */
  readonly setHash: string;
  /** Number of numbered migrations after which these files are applied. */
  readonly latest: number;
  /** Login roles of Weft's processes. */
  readonly logins: readonly string[];
  readonly onLaterVersion: OnLaterVersion;
  readonly log: (message: string) => void;
}

interface Recorded {
  /** Number of numbered migrations applied to the database. */
  readonly level: number;
  readonly isCurrent: boolean;
  /** Whether these files were applied before. If they are not current, others were applied after them. */
  readonly isEarlier: boolean;
  /** Whether other processes of Weft are connected. */
  readonly isInUse: boolean;
}

/**
 * Decides in one statement whether to apply the files of this version. If so, returns the number of applied numbered migrations. Returns undefined if
 * the database already has these files, has not run all numbered migrations, or belongs to a later version of Weft.
 */
export async function isDue(sql: Sql, { setHash, latest, logins, onLaterVersion, log }: DueOptions): Promise<number | undefined> {
  const { level, isCurrent, isEarlier, isInUse } = await readRecorded(sql, setHash, logins);
  if (level < latest || isCurrent) return undefined;
  if (level > latest) {
    log("This database has numbered migrations of a later version of Weft: its functions, triggers and policies are kept.");
    return undefined;
  }
  if (isEarlier && isInUse && onLaterVersion === "keepInUse") {
    log(
      "This database has functions, triggers or policies of a later version of Weft. They are kept, because other processes of Weft are connected. To go back to those of this version, run `pnpm migrate`.",
    );
    return undefined;
  }
  return level;
}

async function readRecorded(sql: Sql, setHash: string, logins: readonly string[]): Promise<Recorded> {
  try {
    const [recorded] = await sql<Recorded[]>`
      select (select count(*)::int from app_migrations.schema_migrations) as level,
             coalesce((select set_hash = ${setHash} from app_migrations.repeatable order by id desc limit 1), false) as "isCurrent",
             exists (select from app_migrations.repeatable where set_hash = ${setHash}) as "isEarlier",
             exists (select from pg_stat_activity where datname = current_database() and usename in ${sql([...logins])}) as "isInUse"`;
    if (recorded !== undefined) return recorded;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "42P01")) throw error;
  }
  // No files have been applied yet.
  const [ran] = await sql<{ level: number }[]>`select count(*)::int as level from app_migrations.schema_migrations`;
  return { level: ran?.level ?? 0, isCurrent: false, isEarlier: false, isInUse: false };
}
