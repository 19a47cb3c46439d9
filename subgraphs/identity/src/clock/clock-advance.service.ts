import { setTimeout as sleep } from "node:timers/promises";
import { BadUserInput, Conflict, NotFound, quote } from "@weft/shared/errors";
import { channels } from "@weft/shared/event-catalog";
import { encodeId, newId } from "@weft/shared/ids";
import { writeAudit } from "@weft/platform/audit";
import { asTenant, mapDatabaseError, type Tx } from "@weft/platform/db";
import { createOnce } from "@weft/platform/idempotency";
import type { Context } from "@weft/api/context";
import type { AdvanceClockInput } from "./clock-advance.input.js";
import { END_OF_TIME, findAdvance, insertAdvance, MAX_YEARS, planAdvance, type ClockAdvanceRow } from "./clock-advance.store.js";

/** How long a call waits for the end of the advance. */
const WAIT_MS = 5_000;
const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 200;

/** A subset of ISO 8601 that PostgreSQL reads as an interval with the same meaning. */
const DURATION = /^P(?=\d|T\d)(?:\d{1,4}Y)?(?:\d{1,4}M)?(?:\d{1,4}W)?(?:\d{1,4}D)?(?:T(?=\d)(?:\d{1,5}H)?(?:\d{1,6}M)?(?:\d{1,7}S)?)?$/;

/**
 * Requests an advance of the clock, once per idempotency key, and waits a few seconds for its end. A worker carries it out: the row is the truth, so it
 * is carried out even if this process ends.
 * @throws BadUserInput, Conflict (no sandbox, or an advance is running)
 */
export async function advanceClock(ctx: Context, input: AdvanceClockInput): Promise<ClockAdvanceRow> {
  const wanted = checked(input);
  const id = await ctx.inTenant((tx) => createOnce(tx, ctx.meta, { mutation: "advanceClock", input }, () => request(tx, ctx, wanted)));
  ctx.services.pubsub
    .publish(channels.dueWork, "")
    .catch((error: unknown) => ctx.log.debug({ err: error }, "the worker could not be notified of an advance of the clock"));
  return settled(ctx, id);
}

type Wanted = { readonly by: string | null; readonly to: string | null };

function checked({ by = null, to = null }: AdvanceClockInput): Wanted {
  if ((by === null) === (to === null)) throw new BadUserInput([{ path: "input", message: "Specify either `by` or `to`." }]);
  if (by !== null && !DURATION.test(by))
    throw new BadUserInput([
      { path: "input.by", message: `${quote(by)} is not a valid duration. Use ISO 8601, for example P90D or PT8H.` },
    ]);
  return { by, to };
}

async function request(tx: Tx, ctx: Context, wanted: Wanted): Promise<ClockAdvanceRow> {
  const path = wanted.by === null ? "input.to" : "input.by";
  const { isSandbox, now, target, isForward, isTooFar } = await planAdvance(tx, wanted);
  if (!isSandbox) throw new Conflict("This organization is not a sandbox. Only the clock of a sandbox can be advanced.");
  if (!isForward) throw new BadUserInput([{ path, message: `A clock can only be advanced. The time of this sandbox is ${iso(now)}.` }]);
  if (isTooFar) {
    const message = `An advance covers at most ${MAX_YEARS} years and ends before ${END_OF_TIME}. The time of this sandbox is ${iso(now)}.`;
    throw new BadUserInput([{ path, message }]);
  }
  const { tenantId, userId: createdBy } = ctx.viewer;
  const row = await insertAdvance(tx, { tenantId, id: newId(), createdBy, now, target }).catch((error: unknown) => {
    throw mapDatabaseError(error, {
      clock_advances_running: () =>
        new Conflict("The clock of this sandbox is already being advanced. Wait until it has reached its target."),
    });
  });
  const after = { clockAdvanceId: row.id, fromAt: row.fromAt, targetAt: row.targetAt };
  await writeAudit(tx, ctx.meta, [{ action: "tenant.advanceClock", entityType: "tenant", entityId: tenantId, before: null, after }]);
  return row;
}

const iso = (time: string): string => new Date(time).toISOString();

/** Returns the advance when it has ended, or as it is after a few seconds. Holds no connection while it waits. */
async function settled(ctx: Context, id: string): Promise<ClockAdvanceRow> {
  const deadline = performance.now() + WAIT_MS;
  for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(LAST_POLL_MS, pollMs * 2)) {
    const row = await asTenant(ctx.services.databases.app, ctx.viewer, "read", (tx) => getClockAdvance(tx, id));
    if (row.status !== "RUNNING" || performance.now() >= deadline) return row;
    await sleep(pollMs);
  }
}

/** @throws NotFound */
export async function getClockAdvance(tx: Tx, id: string): Promise<ClockAdvanceRow> {
  const row = await findAdvance(tx, id);
  if (!row) throw new NotFound("ClockAdvance", encodeId("clockAdvance", id));
  return row;
}
