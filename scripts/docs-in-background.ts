// Builds the documentation site for a Weft in which somebody opens it (see background-build.ts): at low priority, and only if its pages have changed.
import { builtFingerprint, fingerprintOf } from "../docs-site/src/fingerprint.ts";
import { collectSources } from "../docs-site/src/sources.ts";
import { atLowPriority } from "./background/low-priority.ts";

const logFile = ".weft/docs-site.log";
const run = atLowPriority(logFile);
// The pages that are not committed. Where the reference of the database cannot be read, because PostgreSQL does not start, the site lacks only that.
await run("--enable-source-maps", "scripts/run.ts", "docs-cli", "--built");
if (builtFingerprint() !== fingerprintOf(collectSources())) {
  const isBuilt = (await run("scripts/install-apart.ts", "docs-site")) && (await run("docs-site/src/build.ts"));
  if (!isBuilt) {
    process.stderr.write(`weft: The documentation site was not built; ${logFile} says why. Try again with: npx --yes pnpm run docs:site\n`);
    process.exitCode = 1;
  }
}
