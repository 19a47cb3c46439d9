// Part of `pnpm operations`: writes the operations of Weft's packages and programs into the gateway, which cannot import them, and accepts them where only
// stored operations are accepted. Reads what `tsc -b` has built. `--check` only compares.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const path = "gateway/src/stored-operations/package-operations.ts";

/** Modules with nothing but operations, as texts or documents, or functions that return a text for selections of the application. */
const modules = [
  "packages/client/dist/requests/operations.js",
  "packages/client/dist/generated/operations.js",
  "packages/react/dist/tasks/task-documents.js",
  "packages/react/dist/transitions/transition-documents.js",
  "packages/react/dist/forms/controls/references.js",
  "packages/server/dist/worker/operations.js",
  "packages/server/dist/http/operations.js",
  "apps/cli/dist/login/operations.js",
  "apps/cli/dist/push/operations.js",
];

/** The default of the functions: no further selections. */
const noSelections = "";

function textsIn(value: unknown): string[] {
  if (typeof value === "function")
    return value.length === 1 && !isClass(value) ? textsIn((value as (more: string) => unknown)(noSelections)) : [];
  if (typeof value === "string" || value instanceof String) return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const isClass = (value: object): boolean => "prototype" in value;
const isOperation = (text: string): boolean => /^\s*(?:query|mutation|subscription)\b/.test(text);

const exported = await Promise.all(modules.map((module) => import(new URL(`../${module}`, import.meta.url).href) as Promise<object>));
const operations = [...new Set(exported.flatMap((module) => Object.values(module).flatMap(textsIn)).filter(isOperation))].toSorted();
const code = `// Written by \`pnpm operations\` from the packages.

/** Operations that Weft's packages and programs send. */
export const packageOperations: readonly string[] = [
${operations.map((text) => `  ${JSON.stringify(text)},`).join("\n")}
];
`;
const { status, stdout, stderr } = spawnSync("oxfmt", ["--stdin-filepath", path], { cwd: root, input: code, encoding: "utf8" });
if (status !== 0) throw new Error(`oxfmt failed: ${stderr}`);
if (!process.argv.includes("--check")) writeFileSync(`${root}/${path}`, stdout);
else if (readFileSync(`${root}/${path}`, "utf8") !== stdout) {
  console.error(`${path} is out of date. Run \`pnpm operations\` and commit the file.`);
  process.exitCode = 1;
}
