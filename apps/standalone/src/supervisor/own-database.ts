import type { KeptPostgres } from "./postgres-keeper.js";

/**
 * Several times what the pools of the process need. The application's queries are too small for JIT compilation to pay off. A new database has no
 * statistics, and plans made without them may read a whole tenant with the wrong index, so autovacuum runs every ten seconds instead of every minute.
 */
export const postgresSettings = { max_connections: 200, jit: "off", autovacuum_naptime: "10s" };

/** The server's own connections use the socket file. Its roles and their passwords are the default ones. */
export function databaseEnvironment({ url, socketDir }: KeptPostgres): NodeJS.ProcessEnv {
  if (socketDir === undefined) return { DATABASE_OWNER_URL: url };
  const onSocket = new URL(url);
  onSocket.username = onSocket.password = "";
  onSocket.searchParams.set("host", socketDir);
  return {
    DATABASE_OWNER_URL: url,
    DATABASE_URL: onSocket.href,
    DATABASE_WORKER_URL: onSocket.href,
    DATABASE_AUTH_URL: onSocket.href,
  };
}
