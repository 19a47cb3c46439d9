import { postgres } from "@weft/pg-driver";

/** Longer than background work takes on a busy machine, and shorter than a test can take. */
const deadlineMs = 45_000;

interface Idles {
  idle(): Promise<void>;
  readonly waitingFor?: string | null;
}

/** Lets `idle` fail after a while, and say what it waited for and what the database was doing. */
export function idleInTime(worker: Idles, ownerUrl: string): void {
  const idle = worker.idle.bind(worker);
  worker.idle = async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => void activity(ownerUrl).then((text) => reject(new Error(messageOf(worker, text))), reject), deadlineMs);
    });
    await Promise.race([idle(), late]).finally(() => clearTimeout(timer));
  };
}

const messageOf = ({ waitingFor }: Idles, text: string): string =>
  `The background work was not done after ${deadlineMs} ms: it waits for ${waitingFor ?? "nothing"}.\n${text}`;

/** The statements of all connections of the database, and how long ago each changed its state. */
async function activity(ownerUrl: string): Promise<string> {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const rows = await sql<{ line: string }[]>`
      select concat_ws(' | ', usename, state, wait_event_type || ':' || wait_event, now() - state_change, left(query, 300)) as line
      from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() order by state_change desc`;
    return rows.map(({ line }) => line).join("\n");
  } finally {
    await sql.end();
  }
}
