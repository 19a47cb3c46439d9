// `node scripts/api-reports.ts`: writes the public API of each package for npm into `packages/*/api`, a file for each of its entries, so that a review
// sees what changes for its users. With `--check`, part of `pnpm check`, it fails if a file is out of date. Needs the types (`tsc -b`).
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installApart } from "./install-apart.ts";

installApart(["testkit/package-checks"]);

const root = fileURLToPath(new URL("..", import.meta.url));
const extractor = join(root, "testkit/package-checks/node_modules/.bin/api-extractor");
const isCheck = process.argv.includes("--check");

interface Manifest {
  /** An entry without types is a file, such as the schema. */
  readonly exports: Readonly<Record<string, { readonly types: string } | string>>;
}

/** Returns the report of one entry of a package. It is made in a folder of the package, because the report says its name. */
function reportOf(folder: string, name: string, types: string): string {
  const work = join(folder, "node_modules/.cache/api");
  mkdirSync(work, { recursive: true });
  const quiet = { default: { logLevel: "none" } };
  const config = {
    mainEntryPointFilePath: join(folder, types),
    projectFolder: folder,
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: "es2022",
          lib: ["es2023", "dom"],
          module: "esnext",
          moduleResolution: "bundler",
          strict: true,
          skipLibCheck: true,
        },
        files: [join(folder, types)],
      },
    },
    apiReport: {
      enabled: true,
      reportFileName: `${name}.api.md`,
      reportFolder: work,
      reportTempFolder: join(work, "new"),
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: "lf",
    messages: {
      compilerMessageReporting: quiet,
      extractorMessageReporting: { ...quiet, "ae-forgotten-export": { logLevel: "none" } },
      tsdocMessageReporting: quiet,
    },
  };
  writeFileSync(join(work, `${name}.json`), JSON.stringify(config));
  const { status, error, stdout, stderr } = spawnSync(extractor, ["run", "--local", "--config", join(work, `${name}.json`)], {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error(`The API of ${types} in ${folder} cannot be read:\n${error?.message ?? stdout + stderr}`);
  const report = readFileSync(join(work, `${name}.api.md`), "utf8");
  rmSync(work, { recursive: true });
  return report;
}

for (const name of ["client", "react", "server"]) {
  const folder = join(root, "packages", name);
  const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const committed = new Set(existsSync(join(folder, "api")) ? readdirSync(join(folder, "api")) : []);
  for (const [entry, target] of Object.entries(exports)) {
    if (typeof target === "string") continue;
    const entryName = entry === "." ? "index" : entry.slice("./".length);
    const report = reportOf(folder, entryName, target.types);
    const path = `packages/${name}/api/${entryName}.api.md`;
    committed.delete(`${entryName}.api.md`);
    if (existsSync(join(root, path)) && readFileSync(join(root, path), "utf8") === report) continue;
    if (isCheck) {
      console.error(`${path} is out of date: the public API has changed. Run \`npx --yes pnpm run api\`, and review the difference.`);
      process.exitCode = 1;
    } else {
      mkdirSync(join(folder, "api"), { recursive: true });
      writeFileSync(join(root, path), report);
      console.log(`Wrote ${path}.`);
    }
  }
  for (const file of committed) {
    if (isCheck) {
      console.error(`packages/${name}/api/${file} describes an entry that the package no longer has. Run \`npx --yes pnpm run api\`.`);
      process.exitCode = 1;
    } else rmSync(join(folder, "api", file));
  }
}
