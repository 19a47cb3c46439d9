import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
// Imported by path: loading all of these modules would cost the supervisor half a second and memory.
import { ConfigError, isGiven, loadConfig } from "@weft/platform/config/load";
import { outliveOutput } from "@weft/platform/logging/closed-output";
import { runSupervisor } from "./supervisor/run.js";
import { configurationRefused } from "./supervisor/supervise.js";

function say(line: string): void {
  process.stderr.write(`weft: ${line}\n`);
}

const beside = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shortResolution = beside("supervisor/short-resolution.js");

async function main(): Promise<number> {
  try {
    // The server reads them. Each reading could create credentials.
    const config = loadConfig(process.env, {}, { vaultSecrets: "unread" });
    return await runSupervisor({
      env: process.env,
      dataDir: resolve(config.dataDir),
      listen: { port: config.port, host: config.host },
      database: isGiven(process.env, "DATABASE_OWNER_URL") || isGiven(process.env, "DATABASE_URL") ? "given" : "own",
      script: beside("server.js"),
      // A bundled server has no modules to resolve, and no such file beside it.
      preload: existsSync(shortResolution) ? shortResolution : undefined,
      signals: process,
      say,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    say(error.message);
    return configurationRefused;
  }
}

outliveOutput();
process.exitCode = await main();
