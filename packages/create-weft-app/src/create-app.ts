import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "./options.js";

const template = fileURLToPath(new URL("../template/", import.meta.url));

/** Name and URL that the template has instead of those of the application. */
const placeholders = { name: "my-weft-app", url: "http://127.0.0.1:4000" };
/** Files that have one of them. */
const named = ["README.md", "index.html", ".env", "src/frame.tsx", "src/login.tsx", "src/page.tsx", "src/app.test.tsx"];
/** npm leaves these out of packages under their own names. */
const renamed = { _gitignore: ".gitignore", _env: ".env" };

/** Writes an application. If this fails, nothing of it stays behind. */
export function createApp({ folder, name, url, tarballs }: Options): void {
  // The first folder that did not exist before.
  const made = mkdirSync(dirname(folder), { recursive: true });
  // Inside a folder that exists, because it can be on another file system than its parent, or in one that cannot be written.
  const stage = mkdtempSync(join(existsSync(folder) ? folder : dirname(folder), ".create-weft-app-"));
  try {
    cpSync(template, stage, { recursive: true, filter: (path) => !["node_modules", "dist"].includes(basename(path)) });
    for (const [from, to] of Object.entries(renamed)) renameSync(join(stage, from), join(stage, to));
    for (const path of named) {
      const text = readFileSync(join(stage, path), "utf8");
      // The URL last: it can contain the other placeholder.
      writeFileSync(
        join(stage, path),
        text.replaceAll(placeholders.name, () => name).replaceAll(placeholders.url, () => url),
      );
    }
    writePackage(stage, name, tarballs);
    moveInto(folder, stage);
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** The tarballs are copied into the application, so that it does not depend on their folder. */
function writePackage(stage: string, name: string, tarballs: Options["tarballs"]): void {
  const path = join(stage, "package.json");
  const content = JSON.parse(readFileSync(path, "utf8")) as { name: string; dependencies: Record<string, string> };
  content.name = name;
  if (Object.keys(tarballs).length > 0) mkdirSync(join(stage, "packages"));
  for (const [dependency, tarball] of Object.entries(tarballs)) {
    copyFileSync(tarball, join(stage, "packages", basename(tarball)));
    content.dependencies[dependency] = `file:packages/${basename(tarball)}`;
  }
  writeFileSync(path, `${JSON.stringify(content, null, 2)}\n`);
}

/** An existing folder stays the same one, because a shell can be in it. */
function moveInto(folder: string, stage: string): void {
  if (!existsSync(folder)) return renameSync(stage, folder);
  const moved: string[] = [];
  try {
    for (const name of readdirSync(stage)) {
      renameSync(join(stage, name), join(folder, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved) rmSync(join(folder, name), { recursive: true });
    throw error;
  }
}
