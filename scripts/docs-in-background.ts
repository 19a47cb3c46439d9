// Builds the documentation site for `pnpm start` (see build-docs-later.ts): after Weft has started, at low priority, and only if its pages have
// changed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { connect } from "node:net";
import { constants, setPriority } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { builtFingerprint, fingerprintOf } from "../docs-site/src/fingerprint.ts";
import { collectSources } from "../docs-site/src/sources.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const logFile = ".weft/docs-site.log";

setPriority(constants.priority.PRIORITY_LOW);
if (builtFingerprint() !== fingerprintOf(collectSources())) {
  // Waits until Weft is listening, because concurrent work would slow down its first start. If Weft listens at another address, the wait times out.
  for (let waits = 0; waits < 60 && !(await isListening(Number(process.env["PORT"] ?? 4000))); waits++) await delay(1_000);
  // After that, Weft creates the history of the demo.
  await delay(10_000);
  mkdirSync(new URL("../.weft/", import.meta.url), { recursive: true });
  const log = openSync(new URL(`../${logFile}`, import.meta.url), "w");
  const [node, pages] = [process.execPath, "docs-site/src/build.ts"];
  const isBuilt = (await run(log, node, "scripts/install-apart.ts", "docs-site")) && (await run(log, node, pages));
  if (!isBuilt)
    process.stderr.write(`weft: The documentation site was not built; ${logFile} says why. Try again with: npx --yes pnpm run docs:site\n`);
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

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1_000 });
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket
      .on("connect", () => answer(true))
      .on("error", () => answer(false))
      .on("timeout", () => answer(false));
  });
}
