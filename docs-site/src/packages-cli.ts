// Part of `pnpm run docs` and `pnpm check`: the pages of docs/reference/packages.
import { writePackagePages } from "./packages.ts";

await writePackagePages();
