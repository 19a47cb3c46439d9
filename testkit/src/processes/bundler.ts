import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { listenOnLoopback } from "../network/listen.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const run = promisify(execFile);

/**
 * vitest's globalSetup. Bundles the programs that tests start, each when it is first requested: a bundle starts with half the processor time of the
 * modules of which it is made, and some tests start dozens. The workers find it by `WEFT_TEST_BUNDLER`.
 */
export async function setup(): Promise<() => void> {
  const bundles = new Map<string, Promise<string>>();
  let last: Promise<unknown> = Promise.resolve();
  const made = (program: string): Promise<string> => {
    const known = bundles.get(program);
    if (known) return known;
    // One after another, because the bundler uses every core and much memory.
    const path = last.then(() => run(process.execPath, ["scripts/bundle/for-tests.ts", program], { cwd: root })).then(pathOf);
    last = path.catch(() => undefined);
    bundles.set(program, path);
    return path;
  };
  const http = createServer((request, response) => {
    made((request.url ?? "/").slice(1)).then(
      (path) => response.end(path),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  process.env["WEFT_TEST_BUNDLER"] = `http://127.0.0.1:${await listenOnLoopback(http)}`;
  return () => {
    http.closeAllConnections();
    http.close();
  };
}

const pathOf = ({ stdout }: { stdout: string }): string => stdout.trim();

const gatewayProgram = "gateway/dist/main.js";

/** The gateway alone reads the composed schemas. vitest's globalSetup loads this file, and should not load all of Weft. */
async function ensureSchemas(): Promise<void> {
  const standalone = await import("@weft/standalone");
  standalone.ensureSchemas(standalone.allSubgraphs());
}

/**
 * Returns the file that runs a built program: its bundle in a run of vitest, otherwise the program itself.
 * @throws Error with the bundler's output
 */
export async function bundleOf(program: string): Promise<string> {
  const bundler = process.env["WEFT_TEST_BUNDLER"];
  if (bundler === undefined || !program.endsWith(".js") || program.startsWith("/")) return program;
  if (program === gatewayProgram) await ensureSchemas();
  const response = await fetch(`${bundler}/${program}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${program} was not bundled: ${text}`);
  return text;
}
