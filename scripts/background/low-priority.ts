import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);

/** Runs a script of the repository with Node.js. Returns whether it succeeded. */
export type RunScript = (...args: string[]) => Promise<boolean>;

/**
 * Gives this process, and those that it starts, a low priority, so that the Weft that started it stays responsive.
 *
 * @param logFile gets what the scripts print; a path from the root
 * @returns runs scripts that end when this process is terminated
 */
export function atLowPriority(logFile: string): RunScript {
  setPriority(constants.priority.PRIORITY_LOW);
  mkdirSync(new URL(".weft/", root), { recursive: true });
  const log = openSync(new URL(logFile, root), "w");
  return async (...args) => {
    const child = spawn(process.execPath, args, { cwd: fileURLToPath(root), stdio: ["ignore", log, log] });
    const stop = (): void => {
      child.kill();
      process.exit(1);
    };
    process.once("SIGTERM", stop).once("SIGINT", stop);
    const [code] = (await once(child, "exit")) as [number | null];
    process.off("SIGTERM", stop).off("SIGINT", stop);
    return code === 0;
  };
}
