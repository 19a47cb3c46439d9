// Builds the console for a Weft in which somebody opens it (see background-build.ts): at low priority. The build itself ends early if nothing has changed.
import { atLowPriority } from "./background/low-priority.ts";

const logFile = ".weft/console.log";
const run = atLowPriority(logFile);
const isBuilt = (await run("scripts/install-apart.ts", "apps/console")) && (await run("apps/console/build/build.ts"));
if (!isBuilt) {
  process.stderr.write(`weft: The console was not built; ${logFile} says why. Try again with: npx --yes pnpm run console\n`);
  process.exitCode = 1;
}
