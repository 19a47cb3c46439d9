import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fingerprint } from "../build-if-changed.ts";
import type { ProgramName } from "./programs.ts";

/** Stored beside the bundle: the sources and the build from which it was made. */
const stampOf = (root: string, program: ProgramName): string => join(root, `dist/.${program}.sources`);

/** Makes the bundle of a program, and records what it is made of. Sources that are saved meanwhile cause another bundle at the next start. */
export async function recordBundle(root: string, program: ProgramName, make: () => Promise<void>): Promise<void> {
  const sources = fingerprint(root);
  await make();
  writeFileSync(stampOf(root, program), sources);
}

/** Returns the programs whose bundle is missing, or made of something else than the current build. */
export function outdatedBundles(root: string, programs: readonly ProgramName[]): ProgramName[] {
  const sources = fingerprint(root);
  return programs.filter((program) => {
    const stamp = stampOf(root, program);
    return !existsSync(stamp) || readFileSync(stamp, "utf8") !== sources || !existsSync(join(root, `dist/${program}.js`));
  });
}
