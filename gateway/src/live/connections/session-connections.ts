import { asTenant, named, newId } from "@weft/shared";
import type { Database, Logger, Tx, Viewer } from "@weft/shared";
import { sql } from "drizzle-orm";

/** Changes are collected for this long, so that one statement per tenant writes them together. */
const defaultCollectForMs = 1_000;
/** How often a gateway repeats what it has reported, and how long a report counts. If a gateway crashes, its connections are thus shown for a while. */
const defaultRepeatMs = 30_000;
const reportSeconds = 90;

/**
 * Reports how many sockets the sessions have at this gateway. Everything about a tenant is reported at once, and only differences are written, so a
 * report that fails is made up for by the next one. Messages cause no reports.
 */
export class SessionConnections {
  readonly #app: Database;
  readonly #log: Pick<Logger, "debug">;
  readonly #gatewayId = newId();
  /** By tenant ID and session ID, when each open socket was opened. */
  readonly #open = new Map<string, Map<string, Set<{ readonly openedAt: number }>>>();
  /** Tenants whose sockets have changed since they were reported. */
  #changed = new Set<string>();
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
    this.#repeating = setInterval(() => this.#report(this.#open.keys()), repeatMs).unref();
  }

  /** A socket of the viewer was opened. Call the result when it closes. API keys and operators of the platform are in no list of sessions. */
  opened({ tenantId, sessionId, apiKey, operatorId }: Pick<Viewer, "tenantId" | "sessionId" | "apiKey" | "operatorId">): () => void {
    if (apiKey !== null || operatorId !== null) return () => undefined;
    const socket = { openedAt: Date.now() };
    const sessions = this.#open.get(tenantId) ?? new Map<string, Set<typeof socket>>();
    this.#open.set(tenantId, sessions);
    const sockets = sessions.get(sessionId) ?? new Set();
    sessions.set(sessionId, sockets.add(socket));
    this.#report([tenantId]);
    return () => {
      if (!sockets.delete(socket)) return;
      if (sockets.size === 0 && sessions.get(sessionId) === sockets) sessions.delete(sessionId);
      if (sessions.size === 0 && this.#open.get(tenantId) === sessions) this.#open.delete(tenantId);
      this.#report([tenantId]);
    };
  }

  /** Reports that no sockets are left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#repeating);
    clearTimeout(this.#collecting);
    await this.#writing;
    this.#open.clear();
    this.#changed = new Set(this.#reported);
    await this.#write();
  }

  /** Only one batch is written at a time: behind a slow database, they would pile up. */
  #report(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds) this.#changed.add(tenantId);
    if (this.#isStopping || this.#writing !== undefined || this.#changed.size === 0) return;
    this.#collecting ??= setTimeout(() => {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        this.#report([]);
      });
    }, this.#collectForMs).unref();
  }

  async #write(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Set();
    this.#collecting = undefined;
    for (const tenantId of changed) {
      const open = [...(this.#open.get(tenantId) ?? [])].map(([id, sockets]) => ({
        id,
        count: sockets.size,
        since: new Date(Math.min(...[...sockets].map(({ openedAt }) => openedAt))).toISOString(),
      }));
      try {
        await asTenant(this.#app, { tenantId }, "write", (tx) => writeReport(tx, { gatewayId: this.#gatewayId, open }));
        if (open.length > 0) this.#reported.add(tenantId);
        else this.#reported.delete(tenantId);
      } catch (error) {
        this.#log.debug({ err: error, tenantId }, "the connections of sessions could not be reported");
      }
    }
  }
}

interface Report {
  readonly gatewayId: string;
  readonly open: readonly { readonly id: string; readonly count: number; readonly since: string }[];
}

/** Replaces what the gateway has reported of the tenant. */
async function writeReport(tx: Tx, { gatewayId, open }: Report): Promise<void> {
  const id = sql`${gatewayId}::uuid`;
  if (open.length === 0) {
    await tx.execute(
      named("deleteGatewayReport", sql`delete from identity.gateway_reports where tenant_id = app.tenant() and gateway_id = ${id}`),
    );
    return;
  }
  await tx.execute(
    named(
      "writeGatewayReport",
      sql`with report as (
        insert into identity.gateway_reports (tenant_id, gateway_id, expires_at)
        values (app.tenant(), ${id}, now() + make_interval(secs => ${reportSeconds}))
        on conflict (tenant_id, gateway_id) do update set expires_at = excluded.expires_at),
      open as (
        select o.id, o.count, o.since
          from jsonb_to_recordset(${JSON.stringify(open)}::text::jsonb) as o(id uuid, count int, since timestamptz)
          join identity.sessions s on s.tenant_id = app.tenant() and s.id = o.id),
      closed as (
        delete from identity.session_connections c
         where c.tenant_id = app.tenant() and c.gateway_id = ${id} and not exists (select from open where open.id = c.session_id))
      insert into identity.session_connections as c (tenant_id, session_id, gateway_id, connection_count, connected_since)
      select app.tenant(), open.id, ${id}, open.count, open.since from open
      on conflict (tenant_id, session_id, gateway_id)
        do update set connection_count = excluded.connection_count, connected_since = excluded.connected_since
        where (c.connection_count, c.connected_since) is distinct from (excluded.connection_count, excluded.connected_since)`,
    ),
  );
}
