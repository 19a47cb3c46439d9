import { channels } from "@weft/shared/event-catalog";
import { asTenant } from "@weft/platform/db";
import { inProcessPubSub } from "@weft/platform/pubsub";
import { type Claim, handleBatches, Queue as WeftQueue, startQueueWorker } from "@weft/platform/queues";
import type { Services } from "@weft/platform/services";
import { sql } from "drizzle-orm";
import type { postgres } from "@weft/pg-driver";
import type { EngineTenant } from "../harness/tenants/engine-tenant.js";
import type { Queue } from "./queue.js";

/**
 * A queue of Weft, on a table with row-level security as the tables of the product have: the tenant's turn claims some rows at a time, with leases, and removes
 * those that are done.
 * @param batch rows that are claimed at a time
 */
export async function openWeftQueue(
  { databases, log }: Pick<Services, "databases" | "log">,
  owner: postgres.Sql,
  { tenantId }: EngineTenant,
  batch: number,
): Promise<Queue> {
  const table = `app.queue_rows_${batch}` as const;
  await owner.unsafe(`create table ${table} (
    tenant_id uuid not null, id uuid not null default gen_random_uuid(), status text not null default 'READY', next_attempt_at timestamptz not null default now(),
    attempts integer not null default 0, payload jsonb not null, primary key (tenant_id, id));
    create index on ${table} (tenant_id, next_attempt_at) where status = 'READY';
    call app.protect('${table}');
    create policy worker on ${table} for select to weft_worker using (true);
    grant select, insert, update, delete on ${table} to weft_app; grant select on ${table} to weft_worker;`);
  const queue = new WeftQueue({
    name: `QueueRows${batch}`,
    table,
    due: "next_attempt_at",
    claims: "attempts",
    ready: "READY",
    leaseSeconds: 60,
  });
  return {
    write: (jobIds) =>
      asTenant(databases.app, { tenantId }, "write", async (tx) => {
        await tx.execute(sql`insert into public.business_rows default values`);
        await tx.execute(sql`insert into ${sql.raw(table)} (tenant_id, payload)
          select app.tenant(), jsonb_build_object('jobId', id, 'changed', '[]'::jsonb) from unnest(${sql.param([...jobIds])}::text[]) id`);
      }),
    start: async (handled) => {
      const pubsub = inProcessPubSub();
      const sender = await startQueueWorker({
        name: "bench",
        channel: channels.mails,
        concurrency: 2,
        databases,
        pubsub,
        log,
        findTenants: (tx) => queue.findTenants(tx),
        handle: async (tenant, signal) => {
          const count = await handleBatches<Claim & { readonly jobId: string }>({
            db: databases.app,
            tenantId: tenant,
            claim: (tx) => queue.claim(tx, { limit: batch, select: sql`q.payload->>'jobId' as "jobId" from claimed q` }),
            handle: async (rows) => {
              for (const { jobId } of rows) handled(jobId);
            },
            finish: (tx, done) => queue.remove(tx, done),
            turnMs: 250,
            signal,
          });
          return count > 0 ? "done" : "nothing";
        },
      });
      return async () => {
        await sender.idle();
        await sender.stop();
        await pubsub.close();
      };
    },
    waiting: async () => {
      const [row] = await owner<{ count: number }[]>`select count(*)::int as count from ${owner.unsafe(table)}`;
      return row?.count ?? Number.NaN;
    },
    close: () => Promise.resolve(),
  };
}
