// `pnpm prose [PATH…]` lists violations of the language rules in docs, schema descriptions and messages; see CONTRIBUTING.md. `--check`, a step of
// `pnpm check`, fails on violations that scripts/prose/baseline.json does not allow. `--update` lowers the numbers in that file.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, shrunk, type Baseline } from "./prose/baseline.ts";
import { lintFiles, proseFiles } from "./prose/texts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const baselineFile = join(root, "scripts/prose/baseline.json");
const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean" }, update: { type: "boolean" } } });

const wanted = positionals.map((path) => relative(root, resolve(path)));
const isChecked = (path: string): boolean =>
  wanted.length === 0 || wanted.some((one) => one === "" || path === one || path.startsWith(`${one}/`));
const files = proseFiles(root).filter(isChecked);
const violations = await lintFiles(root, files);
const numbers = new Map([...violations].map(([path, all]) => [path, all.length]));
const known = { exists: (path: string): boolean => existsSync(join(root, path)), isChecked };
const baseline = JSON.parse(readFileSync(baselineFile, "utf8")) as Baseline;
const total = [...numbers.values()].reduce((sum, number) => sum + number, 0);

const print = (paths: Iterable<string>): void => {
  for (const path of paths) for (const { line, message } of violations.get(path) ?? []) console.log(`${path}:${line} ${message}`);
};

if (values.update) {
  const next = shrunk(baseline, numbers, known);
  writeFileSync(baselineFile, `${JSON.stringify(next, null, 2)}\n`);
  const sum = (all: Baseline): number => Object.values(all).reduce((one, other) => one + other, 0);
  console.log(`The baseline allows ${sum(next)} violations in ${Object.keys(next).length} files (before: ${sum(baseline)}).`);
} else if (values.check) {
  const { worse, stale } = compare(baseline, numbers, known);
  print(worse.map(({ path }) => path));
  for (const { path, found, allowed } of worse) console.error(`${path} has ${found} violations; ${allowed} are allowed. Fix the new ones.`);
  if (stale.length > 0) console.error(`Clean or gone, but still on the baseline; run \`pnpm prose --update\`: ${stale.join(", ")}`);
  if (worse.length + stale.length === 0) console.log(`The prose of ${files.length} files has ${total} known violations and no new ones.`);
  process.exitCode = worse.length + stale.length === 0 ? 0 : 1;
} else {
  print(violations.keys());
  console.log(
    total === 0 ? `The prose of ${files.length} files is clean.` : `${total} violations in ${violations.size} of ${files.length} files.`,
  );
  process.exitCode = total === 0 ? 0 : 1;
}
