// `node packages/pg-driver/src/diff-upstream-cli.ts [OPTION…]`: prints how `postgres/` differs from the published package `postgres`, as a patch for that
// folder. Options are those of `git diff`, such as `--stat`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const cwd = join(import.meta.dirname, "..");
let hasFailed = false;
for (const path of ["src", "types/index.d.ts"]) {
  const args = ["diff", "--no-index", "--no-ext-diff", ...process.argv.slice(2), `node_modules/postgres/${path}`, `postgres/${path}`];
  const { status, stdout, stderr } = spawnSync("git", args, { cwd, encoding: "utf8" });
  // 0: equal, 1: different.
  if (status !== 0 && status !== 1) hasFailed = true;
  process.stderr.write(stderr);
  process.stdout.write(stdout.replaceAll(/\b([ab])\/(?:node_modules\/)?postgres\//g, "$1/"));
}
process.exitCode = hasFailed ? 1 : 0;
