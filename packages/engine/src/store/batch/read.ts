/** What the moves of a batch are decided upon: instances with their open tasks, definitions to start from, and the time. A statement each. */
import { workflows } from "@weft/drizzle";
import { among, named, type Tx } from "@weft/shared";
import { and, getTableColumns, sql } from "drizzle-orm";
import { inUse, newestFirst, type EnvironmentName } from "../published.js";
import { taskObjectText, weftNow, type InstanceHead, type InstanceRead } from "../snapshot.js";
import type { Booking } from "./booking.js";

const { definitions } = workflows;
const members = Object.entries(getTableColumns(workflows.instances)).map(([key, column]) => `'${key}', i.${column.name}`);
// As one JSON object a row is read several times faster than as thirty columns.
const head = sql.raw(`jsonb_build_object(${members.join(", ")})`);
const task = sql.raw(taskObjectText);

/** A published definition, without its text: who has not compiled it yet starts alone. */
export type Startable = { readonly id: string; readonly key: string; readonly now: string };

export type BatchRead = {
  readonly instances: ReadonlyMap<string, InstanceRead>;
  /** By environment and key. */
  readonly definitions: ReadonlyMap<string, Startable>;
};

export const placeOf = (environment: EnvironmentName = "PROD", key = ""): string => `${environment} ${key}`;

export async function readBatch(tx: Tx, bookings: readonly Booking[]): Promise<BatchRead> {
  const ids = new Set(bookings.flatMap((one) => ("firing" in one ? [one.firing.id] : [])));
  const starts = bookings.flatMap((one) => ("starting" in one ? [one.starting] : []));
  const environments = new Set(starts.map(({ environment = "PROD" }) => environment));
  const published = new Map<string, Startable>();
  for (const environment of environments) {
    const keys = starts.flatMap((one) =>
      one.definitionKey !== undefined && (one.environment ?? "PROD") === environment ? [one.definitionKey] : [],
    );
    for (const one of await readStartable(tx, [...new Set(keys)], environment)) published.set(placeOf(environment, one.key), one);
  }
  return { instances: ids.size === 0 ? new Map() : await readInstances(tx, [...ids]), definitions: published };
}

/** Characters of an instance's data, or of what comes with a move, beyond which it goes alone: else 64 of them together would hold up everybody. */
export const MAX_CHARS = 32_768;

/** By id; those that are not there, and those with much data, are missing. */
async function readInstances(tx: Tx, ids: readonly string[]): Promise<Map<string, InstanceRead>> {
  const rows = await tx.execute<InstanceRead & Record<string, unknown>>(
    named(
      "readBatch",
      sql`select ${head} as head, (select ${weftNow}) as now,
        (select coalesce(jsonb_agg(${task} order by t.id), '[]'::jsonb) from workflows.tasks t
          where t.tenant_id = i.tenant_id and t.instance_id = i.id and t.status in ('OPEN', 'CLAIMED')) as "openTasks"
      from workflows.instances i where i.tenant_id = app.tenant() and ${among(sql`i.id`, ids)} and length(i.data::text) <= ${MAX_CHARS}::integer`,
    ),
  );
  return new Map(rows.map(({ head: row, now, openTasks }) => [row.id, { head: withTimes(row), now, openTasks }]));
}

function readStartable(tx: Tx, keys: readonly string[], environment: EnvironmentName): Promise<Startable[]> {
  const query = tx
    .selectDistinctOn([definitions.key], { id: definitions.id, key: definitions.key, now: weftNow })
    .from(definitions)
    .where(and(inUse(environment), sql`${definitions.key} = any(${sql.param([...keys])}::text[])`))
    .orderBy(definitions.key, ...newestFirst);
  return named("readStartable", query);
}

/** Times as the driver gives them: jsonb writes UTC as an offset. */
function withTimes(row: InstanceHead): InstanceHead {
  const { createdAt, updatedAt, finishedAt } = row;
  return { ...row, createdAt: inUtc(createdAt), updatedAt: inUtc(updatedAt), finishedAt: finishedAt && inUtc(finishedAt) };
}

const inUtc = (time: string): string => (time.endsWith("+00:00") ? `${time.slice(0, -6)}Z` : time);
