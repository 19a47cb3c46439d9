import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const programs = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * Returns the path of the Chromium for the browser tests: `PUPPETEER_EXECUTABLE_PATH`, or else the first one on the PATH.
 *
 * @throws Error that says how to install one.
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const named = env["PUPPETEER_EXECUTABLE_PATH"];
  const candidates =
    named === undefined || named === ""
      ? (env["PATH"] ?? "").split(delimiter).flatMap((folder) => programs.map((program) => join(folder, program)))
      : [named];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    named === undefined || named === ""
      ? "Chromium is not on the PATH, and browser tests need it: `apt-get install chromium`, or `brew install --cask chromium` and its path in PUPPETEER_EXECUTABLE_PATH."
      : `PUPPETEER_EXECUTABLE_PATH is "${named}", which is not a program. Set it to the path of a Chromium, or unset it to use the one on the PATH.`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
