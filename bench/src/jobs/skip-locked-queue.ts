import { postgres } from "@weft/pg-driver";
import { type Queue, WRITERS } from "./queue.js";

const BATCH = 100;
const CONCURRENCY = 2;

/** The limit of PostgreSQL: a table of which workers delete a hundred rows at a time. */
export async function openSkipLocked(url: string): Promise<Queue> {
  const sql = postgres(url, { max: WRITERS, onnotice: () => {} });
  await sql`create table raw_jobs (id bigint generated always as identity primary key, payload jsonb not null)`;
  const take = () => sql<{ jobId: string }[]>`
    delete from raw_jobs where id in (select id from raw_jobs order by id limit ${BATCH}::int for update skip locked) returning payload->>'jobId' as "jobId"`;
  return {
    write: async (jobIds) => {
      await sql.begin(async (tx) => {
        await tx`insert into business_rows default values`;
        await tx`insert into raw_jobs (payload) select jsonb_build_object('jobId', id, 'changed', '[]'::jsonb) from unnest(${[...jobIds]}::text[]) id`;
      });
    },
    start: async (handled) => {
      const work = async (): Promise<void> => {
        for (;;) {
          const jobs = await take();
          if (jobs.length === 0) return;
          for (const { jobId } of jobs) handled(jobId);
        }
      };
      const workers = Array.from({ length: CONCURRENCY }, work);
      return async () => void (await Promise.all(workers));
    },
    waiting: async () => {
      const [row] = await sql<{ count: number }[]>`select count(*)::int as count from raw_jobs`;
      return row?.count ?? Number.NaN;
    },
    close: () => sql.end(),
  };
}
