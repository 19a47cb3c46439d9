// Builds the documentation site for a Weft in which somebody opens it (see docs-builder.ts): at low priority, and only if its pages have changed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { builtFingerprint, fingerprintOf } from "../docs-site/src/fingerprint.ts";
import { collectSources } from "../docs-site/src/sources.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const logFile = ".weft/docs-site.log";

setPriority(constants.priority.PRIORITY_LOW);
mkdirSync(new URL("../.weft/", import.meta.url), { recursive: true });
const log = openSync(new URL(`../${logFile}`, import.meta.url), "w");
const node = process.execPath;
// The pages that are not committed. Where the reference of the database cannot be read, because PostgreSQL does not start, the site lacks only that.
await run(log, node, "--enable-source-maps", "scripts/run.ts", "docs-cli", "--built");
if (builtFingerprint() !== fingerprintOf(collectSources())) {
  const isBuilt = (await run(log, node, "scripts/install-apart.ts", "docs-site")) && (await run(log, node, "docs-site/src/build.ts"));
  if (!isBuilt) {
    process.stderr.write(`weft: The documentation site was not built; ${logFile} says why. Try again with: npx --yes pnpm run docs:site\n`);
    process.exitCode = 1;
  }
}

/** Runs a command that ends when this process is terminated. */
async function run(log: number, command: string, ...args: string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", log, log] });
  const stop = (): void => {
    child.kill();
    process.exit(1);
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  const [code] = (await once(child, "exit")) as [number | null];
  process.off("SIGTERM", stop).off("SIGINT", stop);
  return code === 0;
}
