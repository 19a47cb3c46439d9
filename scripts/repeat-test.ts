// `pnpm test:repeat FILE… --times 50 --busy 6`: runs test files again and again alongside processes that only compute, to find what fails by chance.
// Options that follow `--` are passed to vitest, for example `-- --mode hard -t "name of a test"`.
import { spawn, spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values, positionals, tokens } = parseArgs({
  options: { times: { type: "string", default: "20" }, busy: { type: "string", default: "0" } },
  allowPositionals: true,
  tokens: true,
});

/** Returns a whole number of at least `min`. Ends the process with a message otherwise. */
function numberOf(name: "times" | "busy", min: number): number {
  const number = Number(values[name]);
  if (Number.isInteger(number) && number >= min) return number;
  console.error(`--${name} must be a whole number of at least ${min}, not "${values[name]}".`);
  process.exit(2);
}

const [times, busy] = [numberOf("times", 1), numberOf("busy", 0)];
const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? Infinity;
const files = tokens.flatMap((token) => (token.kind === "positional" && token.index < end ? [token.value] : []));
const options = positionals.slice(files.length);
if (files.length === 0) {
  console.error("Name at least one test file: pnpm test:repeat packages/api/src/context/context.test.ts --times 50 --busy 6");
  process.exit(2);
}

const loops = Array.from({ length: busy }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
let failed = 0;
for (let run = 1; run <= times; run++) {
  const started = performance.now();
  // pnpm puts the workspace's programs first in the PATH.
  const { status, stdout, stderr } = spawnSync("vitest", ["run", ...files, ...options], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    shell: process.platform === "win32",
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    failed++;
    console.log(stdout + stderr);
  }
  console.log(`run ${run} of ${times}: ${status === 0 ? "passed" : "FAILED"}, ${seconds} s`);
}
for (const loop of loops) loop.kill();
console.log(`${times - failed} of ${times} runs passed, beside ${busy} busy loops`);
if (failed > 0) process.exitCode = 1;
