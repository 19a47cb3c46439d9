import { encodeId, newId } from "@weft/shared/ids";
import { asTenant, type Tx } from "@weft/platform/db";
import { appendEvents, metaOfWork } from "@weft/platform/events";
import { outboundClient, OutboundFailed } from "@weft/platform/outbound";
import type { Services } from "@weft/platform/services";
import { readChain } from "../../exports/run/read-entries.js";
import { openAccess } from "../stream.access.js";
import type { AuditStreamRow } from "../stream.store.js";
import type { AuditStreamTransport } from "../stream.type.js";
import { sendByHttp } from "../transports/http.js";
import { sendToS3 } from "../transports/s3.js";
import { sendBySyslog } from "../transports/syslog.js";
import { type Outside, SendingFailed, type StreamBatch, type Transport } from "../transports/transport.js";
import { auditStreamQueue, recordFailure, recordSent, recordUnsent } from "./run-stream.store.js";
import { streamedEntry } from "./streamed-entry.js";

/** Streams of a tenant that send at the same time. */
const BATCH = 10;

const transports: Readonly<Record<AuditStreamTransport, Transport>> = { HTTP: sendByHttp, S3: sendToS3, SYSLOG: sendBySyslog };

type StreamServices = Pick<Services, "config" | "databases" | "keyring" | "secrets" | "log">;

/**
 * Streams of the audit trail, as a source of due work. The sealer says when there is something to send. Each batch is some entries after the place up to
 * which the receiver has them; the place moves when the receiver has taken the batch. A worker that is killed sends its batch again.
 * @param stopping aborted when the worker stops
 */
export function dueAuditStreams(services: StreamServices, stopping: AbortSignal) {
  const sender = new StreamSender(services, stopping);
  return {
    name: "auditStreams",
    ...auditStreamQueue.searches,
    run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
      auditStreamQueue.takeTurn({ db: services.databases.app, tenantId, limit, batch: BATCH, signal }, (row) => sender.sendNext(row)),
  };
}

class StreamSender {
  readonly #services: StreamServices;
  readonly #outside: Outside;
  readonly #stopping: AbortSignal;

  constructor(services: StreamServices, stopping: AbortSignal) {
    this.#services = services;
    this.#stopping = stopping;
    const { outbound: policy, mail } = services.config;
    const client = outboundClient(policy);
    this.#outside = { policy, client, host: new URL(mail.publicUrl).hostname, signal: stopping };
    stopping.addEventListener("abort", () => void client.close(), { once: true });
  }

  /** Sends the next batch. Returns whether the receiver has it. */
  async sendNext(row: AuditStreamRow): Promise<boolean> {
    try {
      const batch = await this.#read(row);
      const last = batch.entries.at(-1);
      if (last === undefined) return await this.#giveBack(row);
      await transports[row.transport as AuditStreamTransport](batch, this.#outside);
      await this.#sent(row, last.sequence);
      return true;
    } catch (error) {
      // What was interrupted has not failed. Another worker sends it at once.
      if (this.#stopping.aborted) return this.#giveBack(row);
      await this.#failed(row, error);
      return false;
    }
  }

  /** Ends the claim of a stream. Returns false: nothing was sent. */
  async #giveBack(row: AuditStreamRow): Promise<false> {
    await this.#inTenant(row, (tx) => recordUnsent(tx, row));
    return false;
  }

  #inTenant<T>({ tenantId }: AuditStreamRow, fn: (tx: Tx) => Promise<T>): Promise<T> {
    return asTenant(this.#services.databases.app, { tenantId }, "write", fn);
  }

  #read(row: AuditStreamRow): Promise<StreamBatch> {
    const { tenantId, sequence, head, includesValues } = row;
    const { keyring, secrets, databases } = this.#services;
    return asTenant(databases.app, { tenantId }, "write", async (tx) => {
      const access = await openAccess(tx, secrets, row);
      const rows = await readChain(tx, { tenantId, keyring, after: sequence, upTo: head });
      const entries = rows.map((entry) => streamedEntry(entry, { tenantId, includesValues }));
      return { streamId: encodeId("auditStream", row.id), url: row.url, access, entries };
    });
  }

  async #sent(row: AuditStreamRow, sequence: number): Promise<void> {
    await this.#inTenant(row, async (tx) => {
      const isRecorded = await recordSent(tx, row, sequence);
      if (isRecorded && row.stalledAt !== null) await this.#tell(tx, row, { type: "auditStream.recovered", payload: { name: row.name } });
    });
  }

  async #failed(row: AuditStreamRow, error: unknown): Promise<void> {
    const isExpected = error instanceof SendingFailed || error instanceof OutboundFailed;
    const facts = { err: error, tenantId: row.tenantId, stream: encodeId("auditStream", row.id) };
    if (isExpected) this.#services.log.debug(facts, "a stream of the audit trail could not be continued and will be retried");
    else this.#services.log.error(facts, "a stream of the audit trail failed unexpectedly and will be retried");
    const message = isExpected ? error.message : "An internal error occurred. Ask the operator for the cause.";
    await this.#inTenant(row, async (tx) => {
      const failingSince = await recordFailure(tx, row, message);
      if (failingSince === null) return;
      this.#services.log.warn({ ...facts, failingSince }, "a stream of the audit trail stands still");
      const payload = { name: row.name, failingSince: new Date(failingSince).toISOString() };
      await this.#tell(tx, row, { type: "auditStream.stalled", payload });
    });
  }

  #tell(tx: Tx, row: AuditStreamRow, event: Told): Promise<unknown> {
    const meta = metaOfWork(newId(), row.tenantId, this.#services.keyring);
    return appendEvents(tx, meta, [{ ...event, subjectId: row.id, subjectVersion: row.version }]);
  }
}

type Told =
  | { readonly type: "auditStream.stalled"; readonly payload: { readonly name: string; readonly failingSince: string } }
  | { readonly type: "auditStream.recovered"; readonly payload: { readonly name: string } };
