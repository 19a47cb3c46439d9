// `pnpm expected`: writes packages/testkit/expected anew, what each role and persona is answered, and the pages of docs that show it. Read the diff.
import { spawnSync } from "node:child_process";

const tests = ["packages/testkit/src/isolation/vendor-persona.test.ts", "packages/standalone/src/api/story.test.ts"];
const steps: readonly (readonly [command: string, ...args: string[]])[] = [
  ["tsc", "-b"],
  ["vitest", "run", "--mode", "hard", "packages/testkit/src/isolation/answered-matrix.hard.test.ts"],
  ["vitest", "run", ...tests],
  ["node", "--enable-source-maps", "packages/standalone/dist/docs-cli.js"],
];

// pnpm puts the workspace's programs in front of the PATH.
for (const [command, ...args] of steps) {
  const env = { ...process.env, WEFT_UPDATE_EXPECTED: "1" };
  const { status } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32", env });
  if (status !== 0) {
    process.exitCode = 1;
    break;
  }
}
