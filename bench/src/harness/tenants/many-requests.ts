import { decodeId } from "@weft/shared/ids";
import { inSlices } from "@weft/testkit/cost/sliced";
import type { MaintenanceRequest } from "@weft/testkit/tenants/maintenance-tenant";
import type { postgres } from "@weft/pg-driver";

interface Original {
  /** UUID of the tenant. */
  readonly tenantId: string;
  readonly request: MaintenanceRequest;
}

/** UUID of the nth copy, in the order of time, as for UUID version 7. */
const uuidOf = (kind: "a" | "b"): string => `('00000000-0000-7000-${kind}000-' || lpad(to_hex(n), 12, '0'))::uuid`;

const columnsOf = async (sql: postgres.Sql, schema: string, table: string): Promise<string> => {
  const columns = await sql<{ name: string }[]>`select column_name as name from information_schema.columns
     where table_schema = ${schema} and table_name = ${table} and is_generated = 'NEVER' order by ordinal_position`;
  return columns.map(({ name }) => name).join(", ");
};

/** Copies a request and its workflow this many times, one copy for every 20 seconds of the past, bypassing the engine. A tenth are urgent. */
export async function copyRequests(sql: postgres.Sql, { tenantId, request }: Original, count: number): Promise<void> {
  const instanceColumns = await columnsOf(sql, "workflows", "instances");
  const requestColumns = await columnsOf(sql, "requests", "requests");
  const at = `now() - (${count} - n) * interval '20 seconds'`;
  await inSlices(sql, count, { slices: 10, between: async () => {} }, async (tx, from, to) => {
    await tx.unsafe(
      `insert into workflows.instances (${instanceColumns})
       select ${instanceColumns.replaceAll(/\w+/g, "c.$&")} from workflows.instances i, generate_series($3::int, $4::int) n,
              jsonb_populate_record(i, jsonb_build_object('id', ${uuidOf("a")}, 'subject_id', ${uuidOf("b")}, 'created_at', ${at}, 'updated_at', ${at})) c
        where i.tenant_id = $1::uuid and i.id = $2::uuid`,
      [tenantId, decodeId("instance", request.instanceId), from, to - 1],
    );
    await tx.unsafe(
      `insert into requests.requests (${requestColumns})
       select ${requestColumns.replaceAll(/\w+/g, "c.$&")} from requests.requests r, generate_series($3::int, $4::int) n,
              jsonb_populate_record(r, jsonb_build_object('id', ${uuidOf("b")}, 'instance_id', ${uuidOf("a")}, 'number', 'C-' || n,
                'priority', case when n % 10 = 0 then 3 else 1 end, 'created_at', ${at}, 'updated_at', ${at})) c
        where r.tenant_id = $1::uuid and r.id = $2::uuid`,
      [tenantId, decodeId("request", request.id), from, to - 1],
    );
  });
}

/** Writes comments on a request, one for each minute before it was created, bypassing the API. */
export async function writeComments(sql: postgres.Sql, { tenantId, request }: Original, count: number): Promise<void> {
  await sql`insert into requests.comments (tenant_id, id, request_id, audience, author_id, text, created_at)
    select tenant_id, gen_random_uuid(), id, 'PUBLIC', created_by, 'Comment ' || n, created_at - n * interval '1 minute'
      from requests.requests, generate_series(1, ${count}::int) n
     where tenant_id = ${tenantId}::uuid and id = ${decodeId("request", request.id)}::uuid`;
}
