// Part of `pnpm check`: every link and anchor in the documentation leads somewhere, and every page is listed in the index of its folder.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { site } from "./fingerprint.ts";
import { collectSources, root } from "./sources.ts";
import { linksToBuiltPages, structureProblems } from "./structure.ts";

const sources = collectSources().filter(({ path }) => path.endsWith(".md"));
const pages = sources.map(({ path }) => path);
const problems = [...structureProblems(pages.filter((path) => path.startsWith("docs/"))), ...linksToBuiltPages(sources)];
for (const problem of problems) console.error(problem);

// Once with all pages: an anchor of another page is only checked when that page is among them.
const options = ["--rc-path", join(site, "links.json"), "--no-config", "--no-ignore", "--no-stdout", "--frail", "--quiet"];
const { status, error } = spawnSync(join(site, "node_modules/.bin/remark"), [...pages, ...options], {
  cwd: root,
  stdio: "inherit",
  shell: process.platform === "win32",
});
if (error)
  console.error(
    `The link check did not start: ${error.message}. Install it with \`npx --yes pnpm exec node scripts/install-apart.ts docs-site\`.`,
  );
process.exitCode = status === 0 && problems.length === 0 ? 0 : 1;
