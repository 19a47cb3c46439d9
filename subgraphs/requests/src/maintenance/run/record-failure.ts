import { WeftError } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { PersonKeyring } from "@weft/platform/privacy";
import { isoOf } from "@weft/api/timing";
import { recordOccurrences } from "../occurrence.store.js";
import { metaOf, recordStep, tell } from "../plan.events.js";
import { keepProgress } from "../plan.store.js";
import { lockDuePlan } from "./due.store.js";
import { type Due, occurrence, progress } from "./take-step.js";

/** Consecutive failures after which a plan pauses itself. */
const MAX_FAILURES = 5;
const MAX_MESSAGE_CHARS = 2_000;

interface Failure {
  /** UUID of the plan. */
  readonly id: string;
  readonly due: Due;
  readonly error: unknown;
  readonly keyring: PersonKeyring;
}

/** Records an occurrence whose request could not be created. After too many in a row, the plan pauses itself. */
export async function recordFailure(tx: Tx, { id, due, error, keyring }: Failure): Promise<void> {
  const locked = await lockDuePlan(tx, id);
  if (!locked) return;
  const { row, now } = locked;
  const meta = metaOf(row, keyring);
  const { code, message } = refusalOf(error);
  await recordOccurrences(tx, [occurrence(locked, { ...due, status: "FAILED", code, message })]);
  const failuresInRow = row.failuresInRow + 1;
  const isPaused = failuresInRow >= MAX_FAILURES;
  await keepProgress(tx, id, { ...(await progress(tx, locked, due)), failuresInRow });
  const total = due.total === null ? null : Number(due.total);
  const payload = { name: row.name, ...due, total, code, ownerId: row.ownerId, isPaused };
  await tell(tx, meta, row, { type: "maintenancePlan.occurrence_failed", payload });
  if (!isPaused) return;
  const since = { status: "PAUSED", pausedAt: isoOf(now), pausedBy: null, pauseReason: null, dueAt: null };
  await recordStep(tx, meta, { ...row, failuresInRow }, { step: "pause", isAutomatic: true, changes: since });
}

function refusalOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof WeftError)) return { code: "INTERNAL", message: "An internal error occurred." };
  return { code: error.code, message: messageOf(error).slice(0, MAX_MESSAGE_CHARS) };
}

/** Includes the problems of an input, because nobody sees the error itself. */
function messageOf(error: WeftError): string {
  const problems = "problems" in error && Array.isArray(error.problems) ? (error.problems as { path: string; message: string }[]) : [];
  return problems.length > 0 ? problems.map(({ path, message }) => `${path.replace(/^input\./, "")}: ${message}`).join(" ") : error.message;
}
