import { writeFileSync } from "node:fs";
import { CommanderError } from "commander";
import { CliError, errorOutput, exitCodes } from "./cli-error.js";
import { printable, type Io, type Result } from "./io.js";
import { exitCodeOfParsing, type GlobalOptions, makeProgram, type Programs } from "./program.js";
import { pathFrom } from "./settings/settings.js";

/** What is around a command: the terminal, the environment, and the folder of its user. */
export interface Surroundings extends Pick<Io, "env" | "cwd" | "isInteractive" | "signal" | "ask" | "readStandardInput"> {
  readonly programs: Programs;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs a command. Returns the exit code. Never throws: what is unexpected is reported in one sentence. */
export async function runCli(args: readonly string[], around: Surroundings): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = makeProgram(
    async (global, command) => {
      exitCode = await executeCommand(around, global, command);
    },
    {
      version: around.programs.version,
      start: async (file, rest) => {
        exitCode = await around.programs.start(file, rest);
      },
    },
  );
  for (const one of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    one.exitOverride().configureOutput({ writeOut: around.out, writeErr: around.err });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return exitCodeOfParsing(error);
    throw error;
  }
}

async function executeCommand(
  around: Surroundings,
  global: GlobalOptions,
  command: Parameters<Parameters<typeof makeProgram>[0]>[1],
): Promise<number> {
  const { env, cwd } = around;
  const isJson = global.json === true;
  const parts: string[] = [];
  const write = (text: string): void => void (global.output === undefined ? around.out(`${text}\n`) : parts.push(`${text}\n`));
  const hasColor = global.color !== false && !env["NO_COLOR"] && around.isTerminal && global.output === undefined && !isJson;
  const io: Io = { ...around, isJson, hasColor, write, say: (line) => around.err(`${line}\n`) };
  const { url, tenant, environment } = global;
  let exitCode: number = exitCodes.ok;
  try {
    const result: Result | void = await command(io, { env, cwd, flags: { url, tenant, environment } });
    if (result) {
      write(isJson ? JSON.stringify(result.data, null, 2) : result.text);
      exitCode = result.exitCode ?? exitCodes.ok;
    }
  } catch (error) {
    if (around.signal.aborted) return 130;
    const failure =
      error instanceof CliError
        ? error
        : new CliError(error instanceof Error ? error.message : String(error), exitCodes.failed, "UNEXPECTED");
    exitCode = failure.exitCode;
    if (isJson) write(JSON.stringify(errorOutput(failure), null, 2));
    around.err(`weft: ${printable(failure.message)}\n`);
    for (const { path, message } of failure.problems) around.err(`  ${printable(path === "" ? message : `${path}: ${message}`)}\n`);
    if (!(error instanceof CliError) && env["WEFT_DEBUG"] && error instanceof Error) around.err(`${error.stack}\n`);
  }
  if (global.output !== undefined && parts.length > 0) {
    try {
      writeFileSync(pathFrom(cwd, global.output), parts.join(""));
    } catch (error) {
      around.err(`weft: ${global.output} cannot be written: ${String((error as NodeJS.ErrnoException).code)}.\n`);
      return exitCodes.usage;
    }
  }
  return around.signal.aborted ? 130 : exitCode;
}
