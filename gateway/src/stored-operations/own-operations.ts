import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { sessionOperations } from "../cookies/session-routes.js";
import { explorerOperations } from "../explorer/login-script.js";
import { landingOperations } from "../landing/landing-script.js";
import { linkPageOperations } from "../link-pages/link-pages.js";
import { packageOperations } from "./package-operations.js";

const ofPages: ReadonlySet<string> = new Set([
  ...sessionOperations,
  ...explorerOperations,
  ...landingOperations,
  ...linkPageOperations,
  ...packageOperations,
]);

const listing = z.array(z.string());

/** The build of the console can be replaced while the gateway runs. It is looked at again after this time. */
const freshForMs = 1_000;

/**
 * Returns whether a text is an operation of Weft's own pages, packages and programs, which are accepted although no application has stored them. The
 * operations of the console are in a file of its build, so that they are those of the pages that are served.
 * @param consoleFolder folder of the console's build. Undefined: no console
 */
export function ownOperations(consoleFolder: string | undefined): (text: string) => Promise<boolean> {
  const ofConsole = consoleFolder === undefined ? undefined : textsIn(join(consoleFolder, "operations.json"));
  return async (text) => ofPages.has(text) || (ofConsole !== undefined && (await ofConsole()).has(text));
}

function textsIn(path: string): () => Promise<ReadonlySet<string>> {
  let checkedAt = -Infinity;
  let modifiedMs: number | undefined;
  let texts: Promise<ReadonlySet<string>> = Promise.resolve(new Set());
  const read = async (before: ReadonlySet<string>): Promise<ReadonlySet<string>> => {
    try {
      const { mtimeMs } = await stat(path);
      if (mtimeMs === modifiedMs) return before;
      const found = new Set(listing.parse(JSON.parse(await readFile(path, "utf8"))));
      modifiedMs = mtimeMs;
      return found;
    } catch {
      // There is no build, or one is being written.
      return before;
    }
  };
  return () => {
    if (performance.now() - checkedAt < freshForMs) return texts;
    checkedAt = performance.now();
    // Operations that come meanwhile wait for the same reading.
    return (texts = texts.then(read));
  };
}
