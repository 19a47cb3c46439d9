import type { Viewer } from "@weft/shared/viewer";
import { asTenant, type Database, named } from "@weft/platform/db";
import { contained, type Logger } from "@weft/platform/logging";
import { sql } from "drizzle-orm";
import { LRUCache } from "lru-cache";

/** The time of the last use is at most this much too early. */
const everyMs = 60_000;
/** Uses are collected for this long, so that one statement writes those of a tenant. */
const collectMs = 200;

interface Use {
  readonly at: string;
  readonly address: string | null;
}

/** Records when, and from where, API keys were last used. A key is written once a minute, not once per request. */
export class ApiKeyUses {
  readonly #app: Database;
  readonly #log: Logger;
  readonly #written = new LRUCache<string, true>({ max: 20_000, ttl: everyMs });
  /** Uses to be written, by tenant and key. */
  #waiting = new Map<string, Map<string, Use>>();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor({ app, log }: { readonly app: Database; readonly log: Logger }) {
    this.#app = app;
    this.#log = log;
  }

  /** Records a use of the viewer's API key. Does nothing for sessions, and soon after a recorded use. */
  record({ tenantId, apiKey }: Viewer, address: string | null): void {
    if (apiKey === null || this.#written.has(apiKey.id)) return;
    this.#written.set(apiKey.id, true);
    const uses = this.#waiting.get(tenantId) ?? new Map<string, Use>();
    this.#waiting.set(tenantId, uses.set(apiKey.id, { at: new Date().toISOString(), address }));
    this.#timer ??= setTimeout(
      contained("recording the use of API keys", () => this.#write()),
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
      for (const [tenantId, uses] of waiting) {
        // A use that is not written must not fail requests. The next one is, in a minute.
        await asTenant(this.#app, { tenantId }, "write", (tx) => tx.execute(updateUses(uses))).catch((error: unknown) =>
          this.#log.warn({ err: error, tenantId }, "the last use of API keys could not be recorded"),
        );
      }
    });
  }
}

/** Keys that are being changed are skipped, because the keys of other tenants must not wait for them. Their next use is written. */
const updateUses = (uses: ReadonlyMap<string, Use>) =>
  named(
    "updateApiKeyUses",
    sql`with due as (
      select k.id, u.at, u.address
        from jsonb_to_recordset(${JSON.stringify([...uses].map(([id, use]) => ({ id, ...use })))}::text::jsonb) as u(id uuid, at timestamptz, address text)
        join identity.api_keys k on k.tenant_id = app.tenant() and k.id = u.id and coalesce(k.last_used_at < u.at, true)
       order by k.id for no key update of k skip locked)
    update identity.api_keys k set last_used_at = due.at, last_used_address = due.address
      from due where k.tenant_id = app.tenant() and k.id = due.id`,
  );
