import { paint, printable, type Io } from "../io.js";
import type { LogLineOutput } from "../output/outputs.js";
import { followLog } from "../runs/follow-log.js";
import { readLog } from "../runs/read-log.js";
import { openServer } from "../server.js";
import { targetOf, type SettingsSource } from "../settings/settings.js";

/** Writes the log of a run, line by line. With `follow`, until the run has ended. */
export async function logs(
  io: Io,
  settings: SettingsSource,
  runId: string,
  { follow = false }: { readonly follow?: boolean },
): Promise<void> {
  const server = openServer(io, targetOf(settings));
  let isEmpty = true;
  const onLines = (lines: readonly LogLineOutput[]): void => {
    isEmpty &&= lines.length === 0;
    for (const line of lines) io.write(io.isJson ? JSON.stringify(line) : textOf(io, line));
  };
  if (follow) await followLog({ server, runId, signal: io.signal, onLines });
  else onLines((await readLog(server, runId, 0)).lines);
  if (isEmpty && !io.isJson) io.say("The log is empty. It has what programs and agents write, and the attempts that have failed.");
}

function textOf(io: Io, { at, step, attempt, stream, text }: LogLineOutput): string {
  const head = paint(io, "dim", `${at} ${step}${attempt > 1 ? `#${attempt}` : ""}`);
  const body = printable(text);
  return `${head} ${stream === "STDERR" ? paint(io, "red", body) : body}`;
}
