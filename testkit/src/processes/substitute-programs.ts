import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stepTypes } from "@weft/engine";
import { failure, type HostStep } from "@weft/standalone";

export interface SubstitutePrograms {
  readonly step: HostStep;
  /** Programs that were run so far, with their arguments. */
  readonly calls: (readonly string[])[];
  /** Writes the programs, as shell scripts by name. They are the only ones that steps find. */
  write(scripts: Readonly<Record<string, string>>): void;
  remove(): void;
}

/**
 * Does steps of the type `script` without the sandbox, which needs bubblewrap: runs substitutes for programs that a machine may not have. No shell reads
 * their arguments.
 */
export function substitutePrograms(): SubstitutePrograms {
  const type = stepTypes().get("script");
  if (!type) throw new Error("There is no step type script.");
  const folder = mkdtempSync(join(tmpdir(), "weft-programs-"));
  const calls: (readonly string[])[] = [];
  return {
    calls,
    step: {
      type,
      perform: async ({ command }, { log }) => {
        const words = command as readonly string[];
        calls.push(words);
        const { code, stdout, stderr } = await run(words, folder);
        log("stdout", stdout);
        log("stderr", stderr);
        if (code === "ENOENT") return failure("COMMAND_NOT_FOUND", `There is no program ${words[0]}.`, true);
        if (code !== 0) return failure("EXIT_CODE", `The program ended with the exit code ${code}.`, false);
        return { kind: "succeeded", outputs: { exit_code: 0, stdout, stderr } };
      },
    },
    write: (scripts) => {
      for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

const run = ([program = "", ...args]: readonly string[], folder: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(program, args, { cwd: folder, env: { PATH: folder } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? "killed"), stdout, stderr }),
    );
  });
