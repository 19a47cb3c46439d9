import { among, asTenant, named, newId } from "@weft/shared";
import type { Database, Logger, Tx, Viewer } from "@weft/shared";
import { sql } from "drizzle-orm";

/** Changes are collected for this long, so that one statement per tenant writes them together. */
const defaultCollectForMs = 1_000;
/** How often a gateway repeats what it has reported, and how long a report counts. If a gateway crashes, its connections are thus shown for a while. */
const defaultRepeatMs = 30_000;
const reportSeconds = 90;

/**
 * Reports how many sockets the sessions have at this gateway. Sessions that change are reported together, and from time to time all of them, of which only
 * differences are written: that makes up for reports that failed. Messages cause no reports.
 */
export class SessionConnections {
  readonly #app: Database;
  readonly #log: Pick<Logger, "debug">;
  readonly #gatewayId = newId();
  /** By tenant ID and session ID, when each open socket was opened. */
  readonly #open = new Map<string, Map<string, Set<{ readonly openedAt: number }>>>();
  /** By tenant ID, the sessions whose sockets have changed since they were reported, or all. */
  #changed = new Map<string, Set<string> | "ALL">();
  /** Tenants about which this gateway has reported something. */
  readonly #reported = new Set<string>();
  #isStopping = false;
  #collecting: NodeJS.Timeout | undefined;
  readonly #repeating: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  readonly #collectForMs: number;

  constructor({
    app,
    log,
    collectForMs = defaultCollectForMs,
    repeatMs = defaultRepeatMs,
  }: {
    readonly app: Database;
    readonly log: Pick<Logger, "debug">;
    readonly collectForMs?: number;
    readonly repeatMs?: number;
  }) {
    this.#app = app;
    this.#log = log;
    this.#collectForMs = collectForMs;
    this.#repeating = setInterval(() => this.#reportAll(this.#open.keys()), repeatMs).unref();
  }

  /** A socket of the viewer was opened. Call the result when it closes. API keys and operators of the platform are in no list of sessions. */
  opened({ tenantId, sessionId, apiKey, operatorId }: Pick<Viewer, "tenantId" | "sessionId" | "apiKey" | "operatorId">): () => void {
    if (apiKey !== null || operatorId !== null) return () => undefined;
    const socket = { openedAt: Date.now() };
    const sessions = this.#open.get(tenantId) ?? new Map<string, Set<typeof socket>>();
    this.#open.set(tenantId, sessions);
    const sockets = sessions.get(sessionId) ?? new Set();
    sessions.set(sessionId, sockets.add(socket));
    this.#report(tenantId, sessionId);
    return () => {
      if (!sockets.delete(socket)) return;
      if (sockets.size === 0 && sessions.get(sessionId) === sockets) sessions.delete(sessionId);
      if (sessions.size === 0 && this.#open.get(tenantId) === sessions) this.#open.delete(tenantId);
      this.#report(tenantId, sessionId);
    };
  }

  /** Reports that no sockets are left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#repeating);
    clearTimeout(this.#collecting);
    await this.#writing;
    this.#open.clear();
    this.#changed = new Map([...this.#reported].map((tenantId) => [tenantId, "ALL"]));
    await this.#write();
  }

  #report(tenantId: string, sessionId: string): void {
    const changed = this.#changed.get(tenantId) ?? new Set();
    if (changed !== "ALL") this.#changed.set(tenantId, changed.add(sessionId));
    this.#schedule();
  }

  #reportAll(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds) this.#changed.set(tenantId, "ALL");
    this.#schedule();
  }

  /** Only one batch is written at a time: behind a slow database, they would pile up. */
  #schedule(): void {
    if (this.#isStopping || this.#writing !== undefined || this.#changed.size === 0) return;
    this.#collecting ??= setTimeout(() => {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        this.#schedule();
      });
    }, this.#collectForMs).unref();
  }

  async #write(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Map();
    this.#collecting = undefined;
    for (const [tenantId, ids] of changed) {
      const sessions = this.#open.get(tenantId);
      const open = [...(sessions ?? [])].filter(([id]) => ids === "ALL" || ids.has(id)).map(toOpen);
      const report = { gatewayId: this.#gatewayId, ids: ids === "ALL" ? null : [...ids], open };
      try {
        await asTenant(this.#app, { tenantId }, "write", (tx) =>
          sessions === undefined ? deleteReport(tx, this.#gatewayId) : writeReport(tx, report),
        );
        if (sessions === undefined) this.#reported.delete(tenantId);
        else this.#reported.add(tenantId);
      } catch (error) {
        this.#log.debug({ err: error, tenantId }, "the connections of sessions could not be reported");
      }
    }
  }
}

interface OpenSession {
  readonly id: string;
  readonly count: number;
  readonly since: string;
}

const toOpen = ([id, sockets]: readonly [string, ReadonlySet<{ readonly openedAt: number }>]): OpenSession => ({
  id,
  count: sockets.size,
  since: new Date(Math.min(...[...sockets].map(({ openedAt }) => openedAt))).toISOString(),
});

interface Report {
  readonly gatewayId: string;
  /** The sessions that it is about. Null: all of the tenant. */
  readonly ids: readonly string[] | null;
  /** Those of them with open sockets. */
  readonly open: readonly OpenSession[];
}

async function deleteReport(tx: Tx, gatewayId: string): Promise<void> {
  await tx.execute(
    named(
      "deleteGatewayReport",
      sql`delete from identity.gateway_reports where tenant_id = app.tenant() and gateway_id = ${gatewayId}::uuid`,
    ),
  );
}

/** Replaces what the gateway has reported of sessions. */
async function writeReport(tx: Tx, { gatewayId, ids, open }: Report): Promise<void> {
  const id = sql`${gatewayId}::uuid`;
  await tx.execute(
    named(
      "writeGatewayReport",
      sql`with report as (
        insert into identity.gateway_reports (tenant_id, gateway_id, expires_at)
        values (app.tenant(), ${id}, now() + make_interval(secs => ${reportSeconds}))
        on conflict (tenant_id, gateway_id) do update set expires_at = excluded.expires_at),
      open as (
        select o.id, o.count, o.since, s.user_id
          from jsonb_to_recordset(${JSON.stringify(open)}::text::jsonb) as o(id uuid, count int, since timestamptz)
          join identity.sessions s on s.tenant_id = app.tenant() and s.id = o.id
         -- Not to be deleted before the end, which would refuse the whole report.
         for key share of s),
      closed as (
        delete from identity.session_connections c
         where c.tenant_id = app.tenant() and c.gateway_id = ${id} and ${ids === null ? sql`true` : among(sql`c.session_id`, ids)}
           and not exists (select from open where open.id = c.session_id))
      insert into identity.session_connections as c (tenant_id, session_id, gateway_id, connection_count, connected_since, user_id)
      select app.tenant(), open.id, ${id}, open.count, open.since, open.user_id from open
       -- A conflict would lock the row, and so write it, also if nothing differs.
       where not exists (
         select from identity.session_connections e
          where e.tenant_id = app.tenant() and e.session_id = open.id and e.gateway_id = ${id}
            and (e.connection_count, e.connected_since) = (open.count, open.since))
      on conflict (tenant_id, session_id, gateway_id)
        do update set connection_count = excluded.connection_count, connected_since = excluded.connected_since`,
    ),
  );
}
