import { type Roles, migrate } from "@weft/drizzle";
import { startOwnPostgres } from "@weft/testkit/own-postgres";
import { databaseUrl } from "@weft/testkit/database-urls";
import { ensureDatabase } from "@weft/standalone/postgres/database";

/** As an operator would run it: commits are durable. Nothing else is tuned but what a few gigabytes of memory allow. */
export const settings = {
  fsync: "on",
  synchronous_commit: "on",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
  max_connections: 200,
  jit: "off",
};

export const settingsNote = Object.entries(settings)
  .map(([name, value]) => `${name} ${value}`)
  .join(", ");

/** A fresh PostgreSQL server with a migrated, empty database. */
export interface BenchDatabase {
  /** A superuser's: for looking, vacuuming and counting. */
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly workerUrl: string;
  readonly authUrl: string;
  remove(): Promise<void>;
}

/** `roles`: names and passwords of the login roles, those of a keys file where programs of Weft are to find them. */
export async function startBenchDatabase({
  roles = ownRoles,
  more = {},
}: { roles?: Roles; more?: Record<string, string> } = {}): Promise<BenchDatabase> {
  const server = await startOwnPostgres({ ...settings, ...more });
  try {
    await ensureDatabase(server.url, "weft");
    const ownerUrl = databaseUrl(server.url, "weft");
    await migrate({ ownerUrl, roles });
    const urlOf = (role: keyof Roles): string => databaseUrl(ownerUrl, "weft", roles[role]);
    return { ownerUrl, appUrl: urlOf("app"), workerUrl: urlOf("worker"), authUrl: urlOf("auth"), remove: () => server.remove() };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

const ownRoles: Roles = {
  app: { name: "weft_app", password: "weft-bench-app" },
  worker: { name: "weft_worker", password: "weft-bench-worker" },
  auth: { name: "weft_auth", password: "weft-bench-auth" },
};
