import { sql } from "drizzle-orm";
import type { Executes } from "../db/alone.js";
import type { Tx } from "../db/database.js";
import { named } from "../db/named.js";
import type { ConfigurationLayer } from "./resolve.js";

/** Tenant or team whose configuration is meant. The IDs are UUIDs. */
export interface ConfigurationSubject {
  readonly tenantId: string;
  /** Null for the tenant itself. */
  readonly teamId: string | null;
}

/**
 * Finds the current layers of many tenants, in the order of the subjects: the latest versions of platform, plan, contract, tenant and team, by their
 * primary keys and with one statement. A tenant that does not exist has only the platform's layer. Runs as weft_auth across tenants, or in a
 * transaction of the tenant.
 */
export async function findLayers(tx: Executes, subjects: readonly ConfigurationSubject[]): Promise<ConfigurationLayer[][]> {
  const wanted = JSON.stringify(subjects.map(({ tenantId, teamId }) => ({ tenant_id: tenantId, team_id: teamId })));
  const rows = await tx.execute<{ layers: ConfigurationLayer[] }>(
    named(
      "findLayers",
      sql`select coalesce(jsonb_agg(jsonb_build_object('level', d.level, 'version', d.version, 'document', d.document,
                     'authorId', d.author_id, 'message', d.message, 'createdAt', d.created_at))
                   filter (where d.level is not null), '[]'::jsonb) as layers
        from rows from (jsonb_to_recordset(${wanted}::text::jsonb) as (tenant_id uuid, team_id uuid)) with ordinality as w(tenant_id, team_id, place)
        left join identity.tenants t on t.tenant_id = w.tenant_id
        left join lateral (
          (select s.level, s.version, s.document, s.author_id, s.message, s.created_at from app.shared_configurations s
            where s.level = 'PLATFORM' and s.key = '' order by s.version desc limit 1)
          union all
          (select s.level, s.version, s.document, s.author_id, s.message, s.created_at from app.shared_configurations s
            where s.level = 'PLAN' and s.key = t.plan order by s.version desc limit 1)
          union all
          (select c.level, c.version, c.document, c.author_id, c.message, c.created_at from app.configurations c
            where c.tenant_id = t.tenant_id and c.level = 'CONTRACT' and c.subject_id = t.tenant_id order by c.version desc limit 1)
          union all
          (select c.level, c.version, c.document, c.author_id, c.message, c.created_at from app.configurations c
            where c.tenant_id = t.tenant_id and c.level = 'TENANT' and c.subject_id = t.tenant_id order by c.version desc limit 1)
          union all
          (select c.level, c.version, c.document, c.author_id, c.message, c.created_at from app.configurations c
            where c.tenant_id = t.tenant_id and c.level = 'TEAM' and c.subject_id = w.team_id order by c.version desc limit 1)
        ) d on true
        group by w.place order by w.place`,
    ),
  );
  return rows.map(({ layers }) => layers);
}

/** Finds the layers that a tenant with this plan starts with, before it exists. */
export async function findPlanLayers(tx: Tx, plan: string): Promise<ConfigurationLayer[]> {
  const rows = await tx.execute<Omit<ConfigurationLayer, "createdAt"> & { createdAt: string }>(
    named(
      "findPlanLayers",
      sql`select distinct on (s.level) s.level, s.version, s.document, s.author_id as "authorId", s.message, s.created_at as "createdAt"
        from app.shared_configurations s where s.key in ('', ${plan}) order by s.level, s.version desc`,
    ),
  );
  return [...rows];
}
