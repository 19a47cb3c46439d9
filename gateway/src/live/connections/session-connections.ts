import { newId } from "@weft/shared/ids";
import type { Viewer } from "@weft/shared/viewer";
import { among, asTenant, type Database, named, type Tx } from "@weft/platform/db";
import { contained, type Logger } from "@weft/platform/logging";
import { sql } from "drizzle-orm";

/** Changes are collected for this long, so that one statement per tenant writes them together. */
const defaultCollectForMs = 1_000;
/** How often a gateway repeats what it has reported, and how long a report counts. If a gateway crashes, its connections are thus shown for a while. */
const defaultRepeatMs = 30_000;
const reportSeconds = 90;
/** Tenants whose reports are written at the same time, so that a slow one does not delay all others. */
const concurrentReports = 4;
/** How long a report waits for a connection to the database, and how long all reports of a gateway that stops can take. They expire anyway. */
const waitMs = 2_000;
const stopMs = 5_000;
/** Failures of a tenant's reports, one after the other, of which operators are told. */
const warnedFailures = 3;

/** Sessions of a tenant, or all. */
type Which = ReadonlySet<string> | "ALL";

/**
 * Reports how many sockets the sessions have at this gateway. Sessions that change are reported together, and from time to time all of them, of which only
 * differences are written. Reports that fail are repeated. Messages cause no reports.
 */
export class SessionConnections {
  readonly #app: Database;
  readonly #log: Pick<Logger, "debug" | "warn">;
  readonly #gatewayId = newId();
  /** By tenant ID and session ID, when each open socket was opened. */
  readonly #open = new Map<string, Map<string, Set<{ readonly openedAt: number }>>>();
  /** By tenant ID, the sessions whose sockets have changed since they were reported. */
  readonly #changed = new Map<string, Which>();
  /** Those that are to be reported now. */
  readonly #due = new Map<string, Which>();
  /** By tenant ID, the reports that are being written: only one of each tenant, so that they keep their order. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Tenants about which this gateway may have reported something. */
  readonly #reported = new Set<string>();
  /** By tenant ID, the reports that have failed since the last one that did not. */
  readonly #failures = new Map<string, number>();
  #isStopping = false;
  #collecting: NodeJS.Timeout | undefined;
  readonly #repeating: NodeJS.Timeout;
  readonly #collectForMs: number;

  constructor({
    app,
    log,
    collectForMs = defaultCollectForMs,
    repeatMs = defaultRepeatMs,
  }: {
    readonly app: Database;
    readonly log: Pick<Logger, "debug" | "warn">;
    readonly collectForMs?: number;
    readonly repeatMs?: number;
  }) {
    this.#app = app;
    this.#log = log;
    this.#collectForMs = collectForMs;
    this.#repeating = setInterval(
      contained("reporting sockets", () => this.#reportAll()),
      repeatMs,
    ).unref();
  }

  /** A socket of the viewer was opened. Call the result when it closes. API keys and operators of the platform are in no list of sessions. */
  opened({ tenantId, sessionId, apiKey, operatorId }: Pick<Viewer, "tenantId" | "sessionId" | "apiKey" | "operatorId">): () => void {
    if (apiKey !== null || operatorId !== null) return () => undefined;
    const socket = { openedAt: Date.now() };
    const sessions = this.#open.get(tenantId) ?? new Map<string, Set<typeof socket>>();
    this.#open.set(tenantId, sessions);
    const sockets = sessions.get(sessionId) ?? new Set();
    sessions.set(sessionId, sockets.add(socket));
    this.#report(tenantId, new Set([sessionId]));
    return () => {
      if (!sockets.delete(socket)) return;
      if (sockets.size === 0 && sessions.get(sessionId) === sockets) sessions.delete(sessionId);
      if (sessions.size === 0 && this.#open.get(tenantId) === sessions) this.#open.delete(tenantId);
      this.#report(tenantId, new Set([sessionId]));
    };
  }

  /** Reports that no sockets are left, as far as there is time. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#repeating);
    clearTimeout(this.#collecting);
    this.#open.clear();
    for (const tenantId of this.#reported) this.#due.set(tenantId, "ALL");
    this.#writeDue();
    const deadline = AbortSignal.timeout(stopMs);
    const isOver = new Promise<void>((resolve) =>
      deadline.addEventListener(
        "abort",
        contained("the end of a stop", () => resolve()),
        { once: true },
      ),
    );
    while (this.#writing.size > 0 && !deadline.aborted) await Promise.race([...this.#writing.values(), isOver]);
    this.#due.clear();
  }

  #report(tenantId: string, which: Which): void {
    this.#changed.set(tenantId, both(this.#changed.get(tenantId), which));
    if (this.#isStopping) return;
    this.#collecting ??= setTimeout(
      contained("reporting sockets", () => {
        this.#collecting = undefined;
        for (const [id, sessions] of this.#changed) this.#due.set(id, both(this.#due.get(id), sessions));
        this.#changed.clear();
        this.#writeDue();
      }),
      this.#collectForMs,
    ).unref();
  }

  #reportAll(): void {
    for (const tenantId of this.#open.keys()) this.#report(tenantId, "ALL");
  }

  /** Behind a slow database, changes collect here, but no reports pile up. */
  #writeDue(): void {
    for (const [tenantId, which] of this.#due) {
      if (this.#writing.size >= concurrentReports) return;
      if (this.#writing.has(tenantId)) continue;
      this.#due.delete(tenantId);
      const write = this.#write(tenantId, which).finally(() => {
        this.#writing.delete(tenantId);
        this.#writeDue();
      });
      this.#writing.set(tenantId, write);
    }
  }

  async #write(tenantId: string, which: Which): Promise<void> {
    const sessions = this.#open.get(tenantId);
    const open = [...(sessions ?? [])].filter(([id]) => which === "ALL" || which.has(id)).map(toOpen);
    const report = { gatewayId: this.#gatewayId, ids: which === "ALL" ? null : [...which], open };
    if (sessions !== undefined) this.#reported.add(tenantId);
    const write = (tx: Tx): Promise<void> => (sessions === undefined ? deleteReport(tx, this.#gatewayId) : writeReport(tx, report));
    try {
      await asTenant(this.#app, { tenantId }, "write", write, { waitMs });
      this.#failures.delete(tenantId);
      if (sessions === undefined) this.#reported.delete(tenantId);
    } catch (error) {
      const failures = (this.#failures.get(tenantId) ?? 0) + 1;
      this.#failures.set(tenantId, failures);
      const level = failures === warnedFailures ? "warn" : "debug";
      this.#log[level]({ err: error, tenantId, failures }, "the connections of sessions could not be reported");
      this.#report(tenantId, "ALL");
    }
  }
}

const both = (some: Which | undefined, others: Which): Which =>
  some === "ALL" || others === "ALL" ? "ALL" : new Set([...(some ?? []), ...others]);

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
