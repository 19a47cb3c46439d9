import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

let count = 0;

/** Returns a file that begins with this line; undefined if there is none, or if it begins with another line. */
export function readBuilt(file: URL, firstLine: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  return text.startsWith(firstLine) ? text : undefined;
}

/**
 * Writes a file under another name and renames it: several processes can write the same file at the same time, such as the workers of a test run, and
 * a reader never sees a part of it.
 */
export function writeBuilt(file: URL, text: string): void {
  mkdirSync(new URL(".", file), { recursive: true });
  const unfinished = `${fileURLToPath(file)}.${process.pid}.${count++}`;
  try {
    writeFileSync(unfinished, text);
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
