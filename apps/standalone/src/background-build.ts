import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const script = fileURLToPath(new URL("../../../scripts/docs-in-background.ts", import.meta.url));

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** After a build that failed, another one is not tried before. The page at `/docs/` asks every few seconds. */
const retryMs = 60_000;

/**
 * Returns a function that builds the documentation site in a process of its own, if its pages have changed. The first call starts it. Later calls do
 * nothing, unless the build failed. The process ends with this one. Returns undefined in CI, and where the site cannot be built: an installation
 * without the sources, or whose files it cannot write, has it built.
 */
export function docsBuilder(env: NodeJS.ProcessEnv = process.env): (() => void) | undefined {
  if (env["CI"] !== undefined || !existsSync(script) || !isWritable(root)) return undefined;
  let nextAt = 0;
  return () => {
    if (performance.now() < nextAt) return;
    nextAt = Infinity;
    const child = spawn(process.execPath, [script], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    // The site is only documentation, so Weft continues without it.
    child.on("error", (error) => {
      process.stderr.write(`weft: The documentation site is not built: ${error.message}\n`);
      nextAt = performance.now() + retryMs;
    });
    child.unref();
    const end = (): void => void child.kill();
    process.once("exit", end);
    child.once("exit", (code) => {
      process.off("exit", end);
      if (code !== 0) nextAt = performance.now() + retryMs;
    });
  };
}
