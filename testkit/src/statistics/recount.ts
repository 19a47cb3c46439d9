/** Counts instances from their rows in the plainest way, to compare with the statistics. Shares no code with them. */
import { postgres } from "@weft/pg-driver";

interface InstanceRow {
  readonly id: string;
  readonly key: string;
  readonly number: number;
  readonly team: string | null;
  readonly assignee: string | null;
  readonly state: string;
  readonly status: string;
  readonly created: Date;
  readonly finished: Date | null;
  readonly final: string | null;
}

interface HistoryRow {
  readonly id: string;
  readonly kind: string;
  readonly transition: string | null;
  readonly from: string | null;
  readonly to: string;
  readonly at: Date;
  readonly done_by: string | null;
}

export interface Recounted {
  readonly started: number;
  readonly completed: number;
  readonly rejected: number;
  readonly cancelled: number;
  readonly unfinished: number;
  readonly byDay: Readonly<Record<string, readonly number[]>>;
  /** Sorted milliseconds. */
  readonly cycleTimes: readonly number[];
  readonly stays: Readonly<Record<string, readonly number[]>>;
  readonly departures: Readonly<Record<string, number>>;
  readonly present: Readonly<Record<string, number>>;
  readonly completedTasks: Readonly<Record<string, number>>;
}

/** Which instances to count, and when. Days are of the time zone. */
export interface Recount {
  readonly from: Date;
  readonly to: Date;
  readonly timeZone: string;
  readonly where?: (row: InstanceRow) => boolean;
}

export async function readRows(url: string, tenantId: string) {
  const sql = postgres(url, { max: 1, onnotice: () => undefined });
  const instances = await sql<
    InstanceRow[]
  >`select i.id, d.key, d.number, i.team_id as team, i.assignee_user_id as assignee, i.state, i.status,
      i.created_at as created, i.finished_at as finished, d.document->'states'->i.state->>'final' as final
    from workflows.instances i join workflows.definitions d on d.tenant_id = i.tenant_id and d.id = i.definition_id where i.tenant_id = ${tenantId}`;
  const history = await sql<
    HistoryRow[]
  >`select h.instance_id as id, h.kind, h.transition, h.from_state as from, h.to_state as to, h.at, t.completed_by as done_by
    from workflows.history h left join workflows.tasks t on t.tenant_id = h.tenant_id and t.id = h.task_id
    where h.tenant_id = ${tenantId} order by h.instance_id, h.version`;
  await sql.end();
  return { instances, history };
}

export function recount(
  { instances, history }: { readonly instances: readonly InstanceRow[]; readonly history: readonly HistoryRow[] },
  { from, to, timeZone, where = () => true }: Recount,
): Recounted {
  const isIn = (at: Date) => at >= from && at < to;
  const dayOf = (at: Date) => new Intl.DateTimeFormat("sv", { timeZone, dateStyle: "short" }).format(at);
  const byDay: Record<string, number[]> = {};
  const [stays, departures, present, completedTasks]: [Record<string, number[]>, ...Record<string, number>[]] = [{}, {}, {}, {}];
  const cycleTimes: number[] = [];
  const ends = [0, 0, 0, 0];
  const count = (what: number, at: Date) => {
    if (!isIn(at)) return;
    ends[what] = (ends[what] ?? 0) + 1;
    const day = (byDay[dayOf(at)] ??= [0, 0, 0, 0]);
    day[what] = (day[what] ?? 0) + 1;
  };
  const more = (counts: Record<string, number> | undefined, name: string) => {
    if (counts) counts[name] = (counts[name] ?? 0) + 1;
  };
  let unfinished = 0;
  for (const one of instances.filter(where)) {
    const mine = history.filter(({ id }) => id === one.id);
    let since = one.created;
    count(0, one.created);
    for (const { kind, transition, from: left, to: entered, at, done_by } of mine) {
      if (done_by !== null && isIn(at)) more(completedTasks, done_by);
      if (kind === "START") since = at;
      else if (["TRANSITION", "ROLLBACK", "CANCELLATION"].includes(kind) || left !== entered) {
        if (isIn(at)) {
          (stays[`${one.key} ${left}`] ??= []).push(at.getTime() - since.getTime());
          more(departures, `${one.key} ${left} ${kind} ${transition} ${entered}`);
        }
        since = at;
      }
    }
    if (one.finished) {
      count(one.status === "CANCELLED" || one.final === "cancelled" ? 3 : one.final === "rejected" ? 2 : 1, one.finished);
      if (isIn(one.finished)) cycleTimes.push(one.finished.getTime() - one.created.getTime());
    } else {
      unfinished++;
      more(present, `${one.key} ${one.state} ${one.status}`);
    }
  }
  const [started = 0, completed = 0, rejected = 0, cancelled = 0] = ends;
  const sorted = (list: readonly number[]) => list.toSorted((a, b) => a - b);
  return {
    started,
    completed,
    rejected,
    cancelled,
    unfinished,
    byDay,
    departures: departures ?? {},
    present: present ?? {},
    completedTasks: completedTasks ?? {},
    cycleTimes: sorted(cycleTimes),
    stays: Object.fromEntries(Object.entries(stays).map(([name, list]) => [name, sorted(list)])),
  };
}
