// `pnpm imports`: prints the import graph. `pnpm check` rejects cycles and imports that point to a higher layer.
import { describeImports } from "./imports/report.ts";
import { readSources } from "./imports/sources.ts";

console.log(describeImports(readSources()));
