import { newId } from "@weft/shared/ids";
import type { Tx } from "@weft/platform/db";
import { appendEvents, type WriteMeta } from "@weft/platform/events";
import { insertLines, lockLog, type NewLogRow } from "./log.store.js";

/** Limits of the log of one run. The marker that says so is its last line. */
const MAX_LINES = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;

const MARKER = `The log of the run ends here, because it has reached its limit of ${MAX_LINES} lines or ${MAX_BYTES} bytes.`;

/** A line as a worker has collected it. Values of secrets are already removed. */
export type CollectedLine = Pick<NewLogRow, "stream" | "text" | "at">;

export type LogBatch = {
  /** UUID of the run. */
  readonly runId: string;
  readonly step: string;
  readonly attempt: number;
  readonly lines: readonly CollectedLine[];
};

/** Adds lines to the log of a run, and announces them to those who follow it. A run that has ended never changes: lines that come later are dropped. */
export async function appendLog(tx: Tx, meta: WriteMeta, { runId, step, attempt, lines }: LogBatch): Promise<void> {
  const head = await lockLog(tx, runId);
  if (head === null || head.lines >= MAX_LINES || head.bytes >= MAX_BYTES) return;
  const rows: NewLogRow[] = [];
  let { bytes } = head;
  for (const one of lines) {
    const size = Buffer.byteLength(one.text);
    const isFull = head.lines + rows.length + 1 >= MAX_LINES || bytes + size >= MAX_BYTES;
    bytes = isFull ? MAX_BYTES : bytes + size;
    const kept = isFull ? { ...one, stream: "system", text: MARKER } : one;
    rows.push({ ...kept, id: newId(), line: head.lines + rows.length + 1, step, attempt });
    if (isFull) break;
  }
  await insertLines(tx, { runId, rows, bytes });
  const { instanceId, instanceVersion, subjectType, subjectId } = head;
  await appendEvents(tx, meta, [
    {
      type: "run.logged",
      subjectId: instanceId,
      subjectVersion: instanceVersion,
      related: subjectType && subjectId ? { [subjectType]: subjectId } : {},
      payload: { runId, instanceId, fromLine: head.lines + 1, toLine: head.lines + rows.length },
    },
  ]);
}
