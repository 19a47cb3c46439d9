// Installs what only `pnpm check` and `pnpm test:hard` need: projects that are not packages of the workspace, so that `pnpm start` does not
// download them. Takes a fraction of a second when there is nothing to do.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
for (const folder of ["packages/testkit/browser-driver", "examples/clients"]) {
  // pnpm puts itself into the PATH of its scripts.
  const { status, error, stdout, stderr } = spawnSync("pnpm", ["--dir", folder, "install", "--frozen-lockfile"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (status === 0) continue;
  console.error(
    error
      ? `pnpm did not start (${error.message}). Run this through it: \`npx --yes pnpm exec node scripts/install-apart.ts\`.`
      : `Installing ${folder} failed:\n${stdout}${stderr}`,
  );
  process.exit(1);
}
