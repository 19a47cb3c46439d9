/**
 * Keeps the process running after the reader of its output has gone, as in `weft start | head`, or when the program that collects the log ends. What it
 * writes from then on, or cannot write for another reason, such as a full disk, is lost. Without this, the next line would end the process, and leave its children behind.
 */
export function outliveOutput(): void {
  for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);
}
