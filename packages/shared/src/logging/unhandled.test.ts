import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const unhandled = fileURLToPath(new URL("unhandled.ts", import.meta.url));

function run(work: string): { lines: unknown[]; code: number | null } {
  const program = `
    const { endOnUnhandled, underRequest } = await import(${JSON.stringify(unhandled)});
    endOnUnhandled({ fatal: ({ err, requestId }, what) => console.log(JSON.stringify({ error: err.message, requestId, what })) });
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    ${work}
    await pause(5000);`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
  return {
    lines: stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
    code: status,
  };
}

test("F26: an unhandled rejection is logged with the ID of its request and ends the process", () => {
  const work = `
    void underRequest("req-1", async () => { await pause(500); });
    await underRequest("req-2", async () => { void (async () => { await pause(20); throw new Error("forgotten"); })(); });`;
  expect(run(work)).toEqual({ lines: [{ error: "forgotten", requestId: "req-2", what: "unhandled rejection" }], code: 1 });
});

test("F26: an uncaught error is also logged and ends the process", () => {
  const work = `await underRequest("req-3", async () => { setTimeout(() => { throw new Error("thrown"); }, 20); });`;
  expect(run(work)).toEqual({ lines: [{ error: "thrown", requestId: "req-3", what: "uncaught error" }], code: 1 });
});

test("F26: outside of a request the log entry has no ID", () => {
  expect(run(`setTimeout(() => Promise.reject(new Error("background")), 20);`)).toEqual({
    lines: [{ error: "background", what: "unhandled rejection" }],
    code: 1,
  });
});
