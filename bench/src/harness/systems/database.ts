import { type Roles, migrate } from "@weft/drizzle";
import { startOwnPostgres } from "@weft/testkit/postgres/own-postgres";
import { databaseUrl } from "@weft/testkit/postgres/database-urls";
import { ensureDatabase } from "@weft/standalone/postgres/database";

/** As an operator would configure it: commits are durable. Only settings that depend on having a few gigabytes of memory are tuned. */
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

/** A new PostgreSQL server with a migrated, empty database. */
export interface BenchDatabase {
  /** URL of a superuser, for inspecting, vacuuming and counting. */
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly workerUrl: string;
  readonly authUrl: string;
  remove(): Promise<void>;
}

/** Starts a database. `roles` has the names and passwords of the login roles. For Weft's own programs, use those of a keys file. */
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
