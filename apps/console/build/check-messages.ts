// Checks that the catalogs contain exactly the messages of the sources, and that all of them are translated. A built console shows a code in place of a
// message that is missing.
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folder } from "./fingerprint.ts";

const read = () => new Map(globSync("src/locales/*.po", { cwd: folder }).map((path) => [path, readFileSync(join(folder, path), "utf8")]));

const before = read();
const { status } = spawnSync("lingui", ["extract", "--clean"], {
  cwd: folder,
  stdio: ["ignore", "ignore", "inherit"],
  shell: process.platform === "win32",
});
const problems = [...read()].flatMap(([path, text]) => [
  ...(before.get(path) === text ? [] : [`${path} was out of date. It has been written again: translate what is new, and commit it.`]),
  ...[...text.matchAll(/^msgid "(.+)"\nmsgstr ""\n(?!")/gm)].map(([, message]) => `${path} has no text for "${message}".`),
]);
for (const problem of problems) console.error(problem);
process.exitCode = status === 0 && problems.length === 0 ? 0 : 1;
