import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { runSupervisor } from "./supervisor/run.js";

const { env } = process;
process.exitCode = await runSupervisor({
  env,
  dataDir: resolve(env["WEFT_DATA_DIR"] || ".weft"),
  script: fileURLToPath(new URL("server.js", import.meta.url)),
  signals: process,
  say: (line) => process.stderr.write(`weft: ${line}\n`),
});
