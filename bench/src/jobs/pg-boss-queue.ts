import { PgBoss } from "pg-boss";
import { postgres } from "@weft/pg-driver";
import { type Queue, WRITERS } from "./queue.js";

const queueName = "jobs";

/** pg-boss: batches of 100, fetched without a pause while they are full. */
export async function openPgBoss(url: string): Promise<Queue> {
  const sql = postgres(url, { max: WRITERS, onnotice: () => {} });
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
  // Its maintenance reports here that a connection was not established in time on a busy machine. Each round verifies its jobs by itself.
  boss.on("error", (error) => console.error(`pg-boss: ${error.message}`));
  await boss.start();
  await boss.createQueue(queueName);
  return {
    write: async (jobIds) => {
      await sql.begin(async (tx) => {
        await tx`insert into business_rows default values`;
        const executeSql = async (text: string, values: unknown[] = []) => ({
          // An array parameter of pg-boss is a JSON text or an array of PostgreSQL; both are what postgres.js expects.
          rows: [...(await tx.unsafe(text, values as postgres.ParameterOrJSON<never>[], { prepare: true }))],
        });
        const jobs = jobIds.map((jobId) => ({ data: { jobId, changed: [] } }));
        await boss.insert(queueName, jobs, { db: { executeSql } });
      });
    },
    start: async (handled) => {
      await boss.work<{ jobId: string }>(
        queueName,
        { batchSize: 100, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 },
        async (jobs) => {
          for (const { data } of jobs) handled(data.jobId);
        },
      );
      return () => boss.offWork(queueName, { wait: true });
    },
    waiting: async () => {
      const [row] = await sql<
        { count: number }[]
      >`select count(*)::int as count from pgboss.job where name = ${queueName} and state <> 'completed'`;
      return row?.count ?? Number.NaN;
    },
    close: async () => {
      await boss.stop({ graceful: false });
      await sql.end();
    },
  };
}
