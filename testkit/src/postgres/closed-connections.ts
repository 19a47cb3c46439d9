import type { postgres } from "@weft/pg-driver";
import { until } from "../until.js";

/**
 * Waits until a database has no other connections than this one and Weft's own, which are named after it.
 *
 * @throws Error with the user and the last statement of each other connection that is still open when the deadline passes
 */
export async function closedConnections(owner: postgres.Sql, deadlineMs = 15_000): Promise<void> {
  const isClosed = async (): Promise<true> => {
    const open = await owner<{ user: string; query: string }[]>`
      select usename as user, query from pg_stat_activity
       where datname = current_database() and usename is not null and pid <> pg_backend_pid() and application_name not like 'weft %'`;
    if (open.length > 0) throw new Error(open.map(({ user, query }) => `${user}: ${query}`).join("\n  "));
    return true;
  };
  await until(isClosed, { what: "the connections of the file to the shared database are closed", deadlineMs });
}
