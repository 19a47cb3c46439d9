import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
// Imported by path: loading all of shared would cost the supervisor half a second and memory.
import { ConfigError, loadConfig } from "@weft/shared/config/load";
import { runSupervisor } from "./supervisor/run.js";
import { configurationRefused } from "./supervisor/supervise.js";

function say(line: string): void {
  process.stderr.write(`weft: ${line}\n`);
}

async function main(): Promise<number> {
  try {
    const config = loadConfig(process.env);
    return await runSupervisor({
      env: process.env,
      dataDir: resolve(config.dataDir),
      database: (config.database.ownerUrl ?? config.database.appUrl) === undefined ? "own" : "given",
      script: fileURLToPath(new URL("server.js", import.meta.url)),
      signals: process,
      say,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say(error.message);
    return configurationRefused;
  }
}

process.exitCode = await main();
