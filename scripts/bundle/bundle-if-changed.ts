import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint } from "./fingerprint.ts";
import type { ProgramName } from "./programs.ts";

/** Stored beside the bundle: the sources from which it was made. */
const stampOf = (folder: string, program: ProgramName): string => join(folder, `.${program}.sources`);

/**
 * Makes the bundle of a program in a folder, by default `dist` in the root, and records what it is made of. Sources that are saved meanwhile cause
 * another bundle at the next start.
 */
export async function recordBundle(
  root: string,
  program: ProgramName,
  make: () => Promise<void>,
  folder = join(root, "dist"),
): Promise<void> {
  const sources = fingerprint(root);
  await make();
  writeFileSync(stampOf(folder, program), sources);
}

/** Returns the programs whose bundle is missing, or made of other sources. */
export function outdatedBundles(root: string, programs: readonly ProgramName[], folder = join(root, "dist")): ProgramName[] {
  const sources = fingerprint(root);
  return programs.filter((program) => {
    const stamp = stampOf(folder, program);
    return !existsSync(stamp) || readFileSync(stamp, "utf8") !== sources || !existsSync(join(folder, `${program}.js`));
  });
}
