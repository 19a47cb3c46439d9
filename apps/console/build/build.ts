// Builds the console into apps/console/dist, which the gateway serves at /console/. Does nothing when the last build was of the same sources.
import { spawnSync } from "node:child_process";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";
import { build } from "vite";
import { oneAtATime } from "../../../scripts/background/one-at-a-time.ts";
import { filesOf } from "../../../scripts/background/built-folder.ts";
import { builtFingerprint, dist, fingerprint, folder } from "./fingerprint.ts";
import { writeTheme } from "./theme.ts";

const next = join(folder, "dist.next");
const brotli = promisify(brotliCompress);

// Tests and a Weft in which somebody opens it can build it at the same time.
await oneAtATime(join(folder, "build.lock"), async () => {
  const wanted = fingerprint();
  if (builtFingerprint() === wanted) console.log("The console is up to date.");
  else await buildAll(wanted);
});

async function buildAll(wanted: string): Promise<void> {
  const { status, error } = spawnSync(
    process.execPath,
    [join(folder, "node_modules/@graphql-codegen/cli/cjs/bin.js"), "--config", "codegen.json"],
    {
      cwd: folder,
      stdio: "inherit",
    },
  );
  if (status !== 0) throw new Error("The operations of the console do not fit the schema.", { cause: error });
  writeTheme();
  // Whoever starts the build: with another value, Vite takes the development build of React.
  process.env["NODE_ENV"] = "production";
  await build({ root: folder, configFile: join(folder, "vite.config.ts"), logLevel: "error" });
  const files = filesOf(next).map((path) => relative(next, path).replaceAll("\\", "/"));
  // The gateway reads it, and accepts these operations where it accepts only stored ones. It is not among the files that it serves.
  writeFileSync(join(next, "operations.json"), JSON.stringify(await operations()));
  writeFileSync(join(next, "build.json"), JSON.stringify({ fingerprint: wanted, files, brotli: await compressed(files) }));
  // The old console is served until the new one is complete.
  rmSync(dist, { recursive: true, force: true });
  renameSync(next, dist);
}

/** Returns the texts of the operations in the generated code. Fragments are part of them. */
async function operations(): Promise<string[]> {
  const generated = (await import(pathToFileURL(join(folder, "src/gql/graphql.ts")).href)) as Readonly<Record<string, unknown>>;
  const texts = Object.values(generated).flatMap((value) => (value instanceof String ? [String(value)] : []));
  return texts.filter((text) => /^\s*(?:query|mutation|subscription)\b/.test(text));
}

/** Compresses the texts once, better than a server can for each answer. Returns their names. */
async function compressed(files: readonly string[]): Promise<string[]> {
  const texts = files.filter((file) => /\.(?:js|css|svg|html|json|txt)$/.test(file) && statSync(join(next, file)).size > 1_000);
  await Promise.all(texts.map(async (file) => writeFile(join(next, `${file}.br`), await brotli(await readFile(join(next, file))))));
  return texts;
}
