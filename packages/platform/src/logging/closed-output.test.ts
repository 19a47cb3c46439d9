import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Writes lines when its input ends, and then exits with 3. */
const program = (first: string): string => `${first}
  process.stdin.resume().on("end", () => {
    let lines = 0;
    setInterval(() => {
      process.stdout.write("a line\\n");
      process.stderr.write("a line\\n");
      if (++lines === 10) process.exit(3);
    }, 50);
  });`;

async function exitCodeOf(first: string): Promise<unknown> {
  const child = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", program(first)], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  child.stdout.destroy();
  child.stderr.destroy();
  child.stdin.end();
  return (await exited)[0];
}

test("a process outlives the readers of its output", { tags: "slow" }, async () => {
  // The source can run directly, because it is one file without imports.
  const outlive = `(await import(${JSON.stringify(join(import.meta.dirname, "closed-output.ts"))})).outliveOutput();`;
  expect(await exitCodeOf(outlive)).toBe(3);
  // Node's own behavior, which this test would otherwise not notice to have changed.
  expect(await exitCodeOf("")).toBe(1);
});
