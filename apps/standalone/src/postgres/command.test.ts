import { expect, test } from "vitest";
import { runCommand } from "./command.js";

test.skipIf(process.platform === "win32")("a program has a process group of its own, which Ctrl-C does not reach", async () => {
  const [program, group] = (await runCommand({ prefix: [] }, "sh", ["-c", 'echo "$$ $(ps -o pgid= -p $$)"'])).split(/\s+/);
  expect(group).toBe(program);
});

test("a program that fails is an error with its own message, or with its end", async () => {
  const run = (script: string): Promise<string> => runCommand({ prefix: [] }, "sh", ["-c", script]);
  await expect(run("echo out; echo 'no space left' >&2; exit 1")).rejects.toMatchObject({
    name: "PostgresStartError",
    message: "out\nno space left",
  });
  await expect(run("exit 3")).rejects.toThrow("sh ended with code 3.");
  await expect(runCommand({ prefix: [] }, "/no/such/program", [])).rejects.toMatchObject({ name: "PostgresStartError" });
});
