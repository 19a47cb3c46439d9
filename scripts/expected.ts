// `pnpm expected`: regenerates testkit/expected, which contains the responses for each role and persona, and the pages of docs that show them. Review
// the diff.
import { spawnSync } from "node:child_process";

const steps: readonly (readonly [command: string, ...args: string[]])[] = [
  ["tsc", "-b"],
  ["vitest", "run", "--mode", "hard", "testkit/src/isolation/matrix/answered-matrix.hard.test.ts"],
  ["vitest", "run", "--mode", "walks", "testkit/src/isolation/vendor-persona.walk.test.ts"],
  ["vitest", "run", "apps/standalone/src/api/story.test.ts"],
  ["node", "--enable-source-maps", "apps/standalone/dist/docs-cli.js"],
];

// pnpm puts the workspace's programs first in the PATH.
for (const [command, ...args] of steps) {
  const env = { ...process.env, WEFT_UPDATE_EXPECTED: "1" };
  const { status } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32", env });
  if (status !== 0) {
    process.exitCode = 1;
    break;
  }
}
