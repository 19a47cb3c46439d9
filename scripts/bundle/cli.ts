// `node scripts/bundle/cli.ts PROGRAM…`: bundles programs from their sources into `dist`. Default: those of an installation.
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";
import { recordBundle } from "./bundle-if-changed.ts";
import { installedPrograms, isProgramName, programs } from "./programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [...names] = process.argv.slice(2);
const unknown = names.filter((name) => !isProgramName(name));
if (unknown.length > 0) {
  console.error(`${unknown.join(", ")}: no such program. The programs are ${Object.keys(programs).join(", ")}.`);
  process.exit(2);
}
const wanted = names.filter(isProgramName);
for (const program of wanted.length > 0 ? wanted : installedPrograms) await recordBundle(root, program, () => bundle({ root, program }));
