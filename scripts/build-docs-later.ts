import { spawn } from "node:child_process";
import { join } from "node:path";

/**
 * Builds the documentation site in the background if its pages have changed. Runs `scripts/docs-in-background.ts` in a low-priority process that ends
 * with this one. Does nothing in CI, or if the site is not served.
 */
export function buildDocsLater(root: string, env: NodeJS.ProcessEnv = process.env): void {
  const isServed = env["WEFT_DOCS"] === undefined ? env["WEFT_MODE"] !== "production" : env["WEFT_DOCS"] === "on";
  if (!isServed || env["CI"] !== undefined) return;
  const child = spawn(process.execPath, [join(root, "scripts/docs-in-background.ts")], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  // The site is only documentation, so Weft also starts without it.
  child.on("error", (error) => process.stderr.write(`weft: The documentation site is not built: ${error.message}\n`));
  child.unref();
  process.once("exit", () => child.kill());
}
