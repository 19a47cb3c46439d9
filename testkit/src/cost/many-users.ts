import type { postgres } from "@weft/pg-driver";
import { until } from "../until.js";

export interface UserCounts {
  readonly users: number;
  readonly roles: number;
  readonly teams: number;
}

/** Sizes of a small and a large company. Reading the large one must not be slower. */
export const userCounts = {
  small: { users: 100, roles: 5, teams: 2 },
  large: { users: 10_000, roles: 500, teams: 200 },
} as const satisfies Record<string, UserCounts>;

/** UUIDs of one of the users. Only this user is named Zebulon Quist. */
export interface SimulatedUser {
  readonly userId: string;
  readonly teamId: string;
}

/**
 * Fills a tenant with users within seconds, bypassing the API. Read performance depends only on the existing rows. Every user has two roles, which
 * inherit from a third one, and is in a team of fifty. Half of the roles allow updating users in the same teams.
 * @param sql a superuser's connection
 */
export async function fillManyUsers(sql: postgres.Sql, tenantId: string, { users, roles, teams }: UserCounts): Promise<SimulatedUser> {
  return sql.begin(async (tx) => {
    await tx`create temp table many_users on commit drop as
      select n, gen_random_uuid() as id,
             case when n = ${users} then 'Zebulon Quist' else
               (array['Ann','Ben','Cleo','Dora','Emil','Fay','Gus','Hanna'])[1 + n % 8] || ' ' ||
               (array['Abel','Brandt','Costa','Dietz','Egger','Fuchs','Gruber','Huber','Ito','Jansen','Kern'])[1 + n % 11] || ' ' || n end as name
        from generate_series(1, ${users}::int) n`;
    await tx`insert into identity.users (tenant_id, id, email, username, name, created_at)
      select ${tenantId}::uuid, id, 'person' || n || '@many.example', 'user' || n, name, now() - n * interval '1 minute' from many_users`;
    await tx`insert into identity.user_search_terms (tenant_id, user_id, term, name)
      select u.tenant_id, u.id, t.term, u.name from identity.users u, app.search_terms(u.name, u.email, u.username) as t (term)
       where u.tenant_id = ${tenantId}::uuid and u.id in (select id from many_users)`;

    await tx`create temp table many_roles on commit drop as select n, gen_random_uuid() as id from generate_series(1, ${roles}::int) n`;
    await tx`insert into identity.roles (tenant_id, id, key, name) select ${tenantId}::uuid, id, 'many' || n, 'Many ' || n from many_roles`;
    await tx`insert into identity.role_permissions (tenant_id, role_id, permission, scope)
      select ${tenantId}::uuid, id, permission, 'TENANT' from many_roles, unnest(array['request.read', 'task.read', 'user.read', 'team.read']) as permission
      union all select ${tenantId}::uuid, id, 'user.update', 'TEAM' from many_roles where n % 2 = 0`;
    await tx`insert into identity.role_parents (tenant_id, role_id, parent_id)
      select ${tenantId}::uuid, r.id, p.id from many_roles r join many_roles p on p.n = 1 where r.n > 1`;
    await tx`insert into identity.role_ancestors (tenant_id, role_id, ancestor_id)
      select ${tenantId}::uuid, id, id from many_roles union all
      select ${tenantId}::uuid, r.id, p.id from many_roles r join many_roles p on p.n = 1 where r.n > 1`;
    await tx`insert into identity.user_roles (tenant_id, user_id, role_id)
      select distinct ${tenantId}::uuid, u.id, r.id from many_users u, generate_series(0, 1) k join many_roles r on true
       where r.n = 1 + (u.n * 7 + k) % ${roles}::int`;

    await tx`create temp table many_teams on commit drop as select n, gen_random_uuid() as id from generate_series(1, ${teams}::int) n`;
    await tx`insert into identity.teams (tenant_id, id, key, name) select ${tenantId}::uuid, id, 'many' || n, 'Many ' || n from many_teams`;
    await tx`insert into identity.team_members (tenant_id, team_id, user_id)
      select ${tenantId}::uuid, t.id, u.id from many_users u join many_teams t on t.n = 1 + u.n % ${teams}::int`;
    const [somebody] = await tx<SimulatedUser[]>`select u.id as "userId", t.id as "teamId"
      from many_users u join many_teams t on t.n = 1 + u.n % ${teams}::int where u.n = ${users}`;
    if (!somebody) throw new Error("There are no users.");
    return somebody;
  });
}

const tables = ["users", "user_search_terms", "roles", "role_permissions", "role_ancestors", "user_roles", "teams", "team_members"];

/** Runs after `fillManyUsers`. Updates the statistics and visibility map of the tables, as in a database that has run for a day. */
export async function settleManyUsers(sql: postgres.Sql): Promise<void> {
  await until(
    async () => {
      // `vacuum` does not mark pages as all-visible if their commits are not flushed yet or are newer than a running transaction.
      await sql`checkpoint`;
      for (const table of tables) await sql.unsafe(`vacuum analyze identity.${table}`);
      const [{ unseen } = { unseen: 1 }] = await sql<{ unseen: number }[]>`select count(*)::int as unseen from pg_class
        where relnamespace = 'identity'::regnamespace and relkind = 'r' and relname = any (${tables}) and relallvisible < relpages`;
      return unseen === 0;
    },
    { what: "every page of the filled tables is marked as visible to all", everyMs: 100 },
  );
}
