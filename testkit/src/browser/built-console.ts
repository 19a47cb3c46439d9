import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

/** Folder of the built console, with a slash at its end. */
export const builtConsole = fileURLToPath(new URL("../../../apps/console/dist/", import.meta.url));

const builtFiles = (): readonly string[] => (JSON.parse(readFileSync(`${builtConsole}build.json`, "utf8")) as { files: string[] }).files;

/** Returns the built files that the page loads first. */
export function firstFiles(): readonly string[] {
  const html = readFileSync(`${builtConsole}index.html`, "utf8");
  return builtFiles().filter((file) => html.includes(file));
}

/** Returns the built files with these names and all that they import, except those of the first load. */
export function laterFiles(names: RegExp): readonly string[] {
  const html = readFileSync(`${builtConsole}index.html`, "utf8");
  const seen = new Set<string>();
  const follow = (file: string): void => {
    if (seen.has(file) || html.includes(file)) return;
    seen.add(file);
    for (const [, name] of readFileSync(builtConsole + file, "utf8").matchAll(/from"\.\/([^"]+\.js)"/g)) follow(`assets/${name}`);
  };
  for (const file of builtFiles().filter((one) => names.test(one))) follow(file);
  return [...seen];
}

/** The same, without what the inbox has loaded. */
export function filesBeyondInbox(names: RegExp): readonly string[] {
  const known = new Set(laterFiles(/assets\/(?:signed-in|inbox-page)-.*\.js$/));
  return laterFiles(names).filter((file) => !known.has(file));
}

/** Size of built files as they are sent. */
export const sentBytes = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + brotliCompressSync(readFileSync(builtConsole + file)).length, 0);
