import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { askTerminal, readAll } from "./io.js";
import type { ProgramFile } from "./program.js";
import { runCli } from "./run-cli.js";

/** `pnpm weft`: the command line. Commands are in `program.ts`. */
const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());
// A reader such as `head` that has enough is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { signal } = interrupted;
const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as { version: string };

/** The other programs are beside this one. */
async function start(program: ProgramFile, args: readonly string[]): Promise<number> {
  const file = join(dirname(process.argv[1] ?? ""), `${program}.js`);
  process.argv.splice(1, Infinity, file, ...args);
  await import(pathToFileURL(file).href);
  return Number(process.exitCode ?? 0);
}

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  programs: { version, start },
  isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  isTerminal: process.stdout.isTTY === true,
  signal,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  ask: (question, { isHidden = false } = {}) => askTerminal(question, isHidden, signal),
  readStandardInput: readAll,
});
// Standard input may still be open and would keep the process running.
process.stdin.destroy();
