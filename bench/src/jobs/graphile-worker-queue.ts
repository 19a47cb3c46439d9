import { Logger, makeWorkerUtils, run } from "graphile-worker";
import { postgres } from "@weft/pg-driver";
import { type Queue, WRITERS } from "./queue.js";

/** graphile-worker with a local queue, as its own performance test configures it. */
export async function openGraphileWorker(url: string): Promise<Queue> {
  const sql = postgres(url, { max: WRITERS, onnotice: () => {} });
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  await utils.release();
  return {
    write: async (jobIds) => {
      await sql.begin(async (tx) => {
        await tx`insert into business_rows default values`;
        await tx`select 1 from graphile_worker.add_jobs((select array_agg(
            row('job', json_build_object('jobId', id, 'changed', '[]'::json), null, null, null, null, null, null)::graphile_worker.job_spec)
          from unnest(${[...jobIds]}::text[]) id))`;
      });
    },
    start: async (handled) => {
      const runner = await run({
        connectionString: url,
        logger,
        noHandleSignals: true,
        taskList: { job: (payload) => handled((payload as { jobId: string }).jobId) },
        preset: { worker: { concurrentJobs: 24, maxPoolSize: WRITERS, localQueue: { size: 500 }, completeJobBatchDelay: 0 } },
      });
      return async () => {
        await runner.stop();
      };
    },
    waiting: async () => {
      const [row] = await sql<{ count: number }[]>`select count(*)::int as count from graphile_worker.jobs`;
      return row?.count ?? Number.NaN;
    },
    close: () => sql.end(),
  };
}
