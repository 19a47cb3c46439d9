// `node scripts/bundle/for-tests.ts FILE`: bundles a program (`gateway/dist/main.js`) from its sources for tests that start it, unless its bundle is up to date, and
// prints the bundle's path. It is what `pnpm build` makes, except that fault tests can arm its points.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.ts";
import { outdatedBundles, recordBundle } from "./bundle-if-changed.ts";
import { isProgramName, neededBy, programs } from "./programs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, ".weft-test/bundles");
const [file = ""] = process.argv.slice(2);
const name = Object.keys(programs)
  .filter(isProgramName)
  .find((program) => programs[program] === file);
if (name === undefined) throw new Error(`${file} is no program. See scripts/bundle/programs.ts.`);
for (const program of outdatedBundles(root, neededBy(name, []), folder))
  await recordBundle(root, program, () => bundle({ root, program, folder, canBeArmed: true }), folder);
console.log(join(folder, `${name}.js`));
