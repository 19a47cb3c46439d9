import { paint, printable, type Io } from "../io.js";
import type { DoctorCheck } from "../output/outputs.js";

const colors = { ok: "green", warning: "yellow", failure: "red", skipped: "dim" } as const;

/** A check as text: what was found, and below it what to do. */
export function linesOf(io: Io, { name, status, message, advice }: DoctorCheck): string[] {
  const line = `${paint(io, colors[status], status.padEnd(8))} ${name.padEnd(11)} ${printable(message)}`;
  return advice === null ? [line] : [line, `${" ".repeat(21)}${advice}`];
}
