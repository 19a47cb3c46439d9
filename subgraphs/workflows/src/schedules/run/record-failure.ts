import { WeftError } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import { type AnyNewEvent, appendEvents } from "@weft/platform/events";
import type { PersonKeyring } from "@weft/platform/privacy";
import { columnsOf, isoOf, nextOccurrence, planOf } from "@weft/api/timing";
import { metaOf, recordPaused, runEvent } from "../schedule.events.js";
import { changeRuns, findRunAt, insertRuns, keepProgress, lockDue } from "./run.store.js";
import { newRun, StartCrashed, type Starting } from "./take-step.js";

const MAX_MESSAGE_CHARS = 2_000;

interface Failure {
  /** UUID of the schedule. */
  readonly id: string;
  readonly run: Starting;
  readonly error: unknown;
  readonly keyring: PersonKeyring;
}

/**
 * Records a run that could not start its instance. After too many in a row, the schedule pauses itself; at once if the start ended the process, because
 * that also interrupts the work of others.
 */
export async function recordFailure(tx: Tx, { id, run, error, keyring }: Failure): Promise<void> {
  const locked = await lockDue(tx, id);
  if (!locked) return;
  const { row, now } = locked;
  const known = await findRunAt(tx, id, run.plannedAt);
  // Another process was faster, and succeeded.
  if (known && known.status !== "QUEUED") return;
  const { code, message } = refusalOf(error);
  if (known) await changeRuns(tx, [known.id], { status: "FAILED", code, message });
  else await insertRuns(tx, [newRun(locked, { plannedAt: run.plannedAt, status: "FAILED", code, message })]);
  const failuresInRow = row.failuresInRow + 1;
  const isPaused = row.status === "ACTIVE" && (error instanceof StartCrashed || failuresInRow >= row.maxFailures);
  const following = run.queued ? {} : columnsOf(nextOccurrence(planOf(row), Date.parse(run.plannedAt)));
  await keepProgress(tx, id, { ...following, failuresInRow, dueAt: isoOf(now) });
  const meta = metaOf(row, keyring);
  const payload = { name: row.name, plannedAt: new Date(run.plannedAt).toISOString(), code, ownerId: row.ownerId, isPaused };
  const failed: AnyNewEvent = runEvent(row, "schedule.run_failed", payload);
  await appendEvents(tx, meta, [failed]);
  if (isPaused) await recordPaused(tx, meta, { ...row, ...following, failuresInRow }, { now });
}

function refusalOf(error: unknown): { code: string; message: string } {
  if (error instanceof StartCrashed) return { code: "INTERNAL", message: error.message };
  if (!(error instanceof WeftError)) return { code: "INTERNAL", message: "An internal error occurred." };
  return { code: error.code, message: messageOf(error).slice(0, MAX_MESSAGE_CHARS) };
}

/** Includes the problems of an input, because nobody sees the error itself. */
function messageOf(error: WeftError): string {
  const problems = "problems" in error && Array.isArray(error.problems) ? (error.problems as { path: string; message: string }[]) : [];
  return problems.length > 0 ? problems.map(({ path, message }) => `${path.replace(/^input\./, "")}: ${message}`).join(" ") : error.message;
}
