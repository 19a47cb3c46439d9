import { countLogLines, findStepLeases, redactorOfRun, type StepError } from "@weft/engine";
import { Conflict } from "@weft/shared/errors";
import { storable } from "@weft/shared/texts";
import type { Context } from "@weft/api/context";
import { appendLog, type CollectedLine } from "../logs/append-log.js";
import { RunLogStream } from "../logs/log.type.js";
import { assertSound, listProblem, numberProblem, leaseProblem } from "./check-leases.js";
import type { AppendStepLogInput } from "./step-lease.input.js";

const MAX_LINES = 1_000;
const MAX_LINE_CHARS = 4_000;
/** So far below the largest `integer` that no worker can add lines until the count is too large for one. */
const MAX_OFFSET = 1_000_000_000;

/**
 * Adds lines to the log of the run of a step that the viewer does.
 * @returns the number of lines that were sent with the lease
 * @throws Conflict if the lease is over
 */
export async function appendStepLog(ctx: Context, { lease, lines, offset }: AppendStepLogInput): Promise<number> {
  assertSound([
    leaseProblem(lease, "input.lease"),
    listProblem(lines, { path: "input.lines", max: MAX_LINES }),
    numberProblem(offset, { path: "input.offset", min: 0, max: MAX_OFFSET }),
    ...lines.map(({ stream }, index) =>
      stream === RunLogStream.SYSTEM
        ? { path: `input.lines[${index}].stream`, message: "SYSTEM is for lines of Weft. Use STDOUT or STDERR." }
        : null,
    ),
  ]);
  const at = new Date().toISOString();
  const written = lines.map(({ text, stream }) => ({ stream: (stream ?? RunLogStream.STDOUT).toLowerCase(), text, at }));
  const sent = await append(ctx, lease, { lines: written, offset: offset ?? null });
  if (sent === null)
    throw new Conflict("The lease of the step is over: the run has stopped, or the step belongs to another worker. Stop the work.");
  return sent;
}

/** Logs why an attempt has failed, as workers of Weft do. */
export async function appendFailure(ctx: Context, leaseToken: string, { code, message }: StepError): Promise<void> {
  await append(ctx, leaseToken, {
    lines: ({ attempt }) => [{ stream: "system", text: `Attempt ${attempt} failed (${code}): ${message}`, at: new Date().toISOString() }],
    offset: null,
  });
}

type Lines = readonly CollectedLine[] | ((lease: { readonly attempt: number }) => readonly CollectedLine[]);

/** Returns the number of lines that were sent with the lease; null: it is over. */
function append(
  ctx: Context,
  leaseToken: string,
  { lines: given, offset }: { readonly lines: Lines; readonly offset: number | null },
): Promise<number | null> {
  const { services, viewer, meta } = ctx;
  const takenBy = viewer.userId;
  const token = leaseToken.toLowerCase();
  return ctx.inTenant(async (tx) => {
    const lease = (await findStepLeases(tx, { takenBy, tokens: [token] })).get(token);
    if (!lease) return null;
    const lines = typeof given === "function" ? given(lease) : given;
    // Lines of Weft are not those that the worker counts.
    const counted = typeof given === "function" ? 0 : lines.length;
    const before = await countLogLines(tx, { takenBy, token, lines: counted, from: offset });
    if (before === null) return null;
    const fresh = lines.slice(offset === null ? 0 : Math.max(0, before - offset));
    if (fresh.length > 0) {
      const redact = await redactorOfRun(tx, { secrets: services.secrets, tenantId: viewer.tenantId, runId: lease.runId });
      const { runId, step, attempt } = lease;
      const stored = fresh.map((line) => ({ ...line, text: storable(redact(line.text)).slice(0, MAX_LINE_CHARS) }));
      await appendLog(tx, meta, { runId, step, attempt, lines: stored });
    }
    return Math.max(before, (offset ?? before) + counted);
  });
}
