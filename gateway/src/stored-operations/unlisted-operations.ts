import { newId } from "@weft/shared/ids";
import { asTenant, type Database, named, type Tx } from "@weft/platform/db";
import { contained, type Logger } from "@weft/platform/logging";
import { sql } from "drizzle-orm";

/** An operation that is not stored. */
export interface UnlistedOperation {
  readonly tenantId: string;
  /** What the client calls itself. Empty: nothing. */
  readonly client: string;
  /** Name of the operation. Empty: none. */
  readonly name: string;
  readonly kind: "QUERY" | "MUTATION" | "SUBSCRIPTION";
  readonly isRefused: boolean;
}

interface Counted extends Pick<UnlistedOperation, "client" | "name" | "kind"> {
  run: number;
  refused: number;
  readonly firstAt: string;
  lastAt: string;
}

/** Operations are collected for this long, so that one statement writes those of a tenant. */
const collectMs = 1_000;
/** Clients and names that are told apart, of a tenant. Clients choose both, so there could be any number. */
const maxCollected = 200;
const maxKept = 1_000;

/** Counts operations that are not stored, by client and name, in the database. */
export class UnlistedOperations {
  readonly #app: Database;
  readonly #log: Logger;
  /** Counts to be written, by tenant and operation. */
  #waiting = new Map<string, Map<string, Counted>>();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor({ app, log }: { readonly app: Database; readonly log: Logger }) {
    this.#app = app;
    this.#log = log;
  }

  count({ tenantId, isRefused, ...operation }: UnlistedOperation): void {
    const counts = this.#waiting.get(tenantId) ?? new Map<string, Counted>();
    this.#waiting.set(tenantId, counts);
    const isOneTooMany = counts.size >= maxCollected && !counts.has(keyOf(operation));
    const counted = isOneTooMany ? { ...operation, client: "", name: "" } : operation;
    const at = new Date().toISOString();
    const entry = counts.get(keyOf(counted)) ?? { ...counted, run: 0, refused: 0, firstAt: at, lastAt: at };
    entry[isRefused ? "refused" : "run"]++;
    entry.lastAt = at;
    counts.set(keyOf(counted), entry);
    this.#timer ??= setTimeout(
      contained("counting operations that are not stored", () => this.#write()),
      collectMs,
    ).unref();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#write();
    await this.#writing;
  }

  #write(): void {
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#writing = this.#writing.then(async () => {
      for (const [tenantId, counts] of waiting) {
        await asTenant(this.#app, { tenantId }, "write", (tx) => writeCounts(tx, [...counts.values()])).catch((error: unknown) =>
          this.#log.warn({ err: error, tenantId }, "operations that are not stored could not be counted"),
        );
      }
    });
  }
}

const keyOf = ({ client, name, kind }: Pick<UnlistedOperation, "client" | "name" | "kind">): string => JSON.stringify([client, name, kind]);

/** Adds counts, always in the same order, those of names beyond the limit to a row without a name, and deletes those of operations that nobody has sent for 30 days. */
async function writeCounts(tx: Tx, counts: readonly Counted[]): Promise<void> {
  await tx.execute(
    named(
      "deleteOldUnlistedOperations",
      sql`delete from identity.unlisted_operations u where u.tenant_id = app.tenant() and u.last_at < now() - interval '30 days'`,
    ),
  );
  await tx.execute(
    named(
      "countUnlistedOperations",
      sql`with given as (
        select (array_agg(given.id))[1] as id, case when kept.is_kept then given.client else '' end as client,
               case when kept.is_kept then given.name else '' end as name, given.kind,
               sum(given.run) as run, sum(given.refused) as refused, min(given."firstAt") as "firstAt", max(given."lastAt") as "lastAt"
          from jsonb_to_recordset(${JSON.stringify(counts.map((one) => ({ id: newId(), ...one })))}::text::jsonb)
            as given(id uuid, client text, name text, kind text, run bigint, refused bigint, "firstAt" timestamptz, "lastAt" timestamptz)
          cross join lateral (
            select (select count(*) from identity.unlisted_operations k where k.tenant_id = app.tenant()) < ${maxKept}
              or exists (select from identity.unlisted_operations k where k.tenant_id = app.tenant()
                   and k.client = given.client and k.name = given.name and k.kind = given.kind) as is_kept) kept
         group by 2, 3, given.kind)
        insert into identity.unlisted_operations as u (tenant_id, id, client, name, kind, run_count, refused_count, first_at, last_at)
        select app.tenant(), given.id, given.client, given.name, given.kind, given.run, given.refused, given."firstAt", given."lastAt"
          from given
         order by given.client, given.name, given.kind
        on conflict (tenant_id, client, name, kind) do update
          set run_count = u.run_count + excluded.run_count, refused_count = u.refused_count + excluded.refused_count,
            last_at = greatest(u.last_at, excluded.last_at)`,
    ),
  );
}
