import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const unhandled = fileURLToPath(new URL("unhandled.ts", import.meta.url));

function run(work: string): { lines: unknown[]; code: number | null } {
  const program = `
    const { contained, endOnUnhandled, underRequest } = await import(${JSON.stringify(unhandled)});
    const write = ({ err, requestId }, what) => console.log(JSON.stringify({ error: err.message, requestId, what }));
    endOnUnhandled({ fatal: write, error: write });
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

test("F26: an exception of a contained callback is logged once, ends what it belongs to, and the process continues", () => {
  const work = `
    const end = () => console.log(JSON.stringify("ended"));
    const late = contained("the time limit of a body", () => { throw new Error("no socket"); }, end);
    const tick = contained("pinging sockets", async () => { throw new Error("rejected"); }, () => { throw new Error("twice"); });
    await underRequest("req-4", async () => { setTimeout(late, 5); });
    setTimeout(tick, 50);
    await pause(100);
    process.exit(0);`;
  expect(run(work)).toEqual({
    lines: [
      { error: "no socket", requestId: "req-4", what: "the time limit of a body failed" },
      "ended",
      { error: "rejected", what: "pinging sockets failed" },
      { error: "twice", what: "pinging sockets, and ending it, failed" },
    ],
    code: 0,
  });
});
