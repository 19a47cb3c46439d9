import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/**
 * Installs a peer that is not a package of the workspace, given its folder from the root. Takes a fraction of a second if it is installed.
 * @throws Error with the output of pnpm
 */
export function installPeer(folder: string): void {
  execFileSync(process.execPath, ["scripts/install-apart.ts", folder], {
    cwd: root,
    stdio: ["ignore", "inherit", "pipe"],
    encoding: "utf8",
  });
}
