import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "@weft/testkit/until";
import { supervise, type Supervision, type SuperviseOptions } from "./supervise.js";

let folder: string;
let log: string;
let running: Supervision | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-supervise-"));
  log = join(folder, "log");
});

afterEach(async () => {
  running?.stop();
  running?.stop();
  await running?.ended;
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A server child in a few lines of JavaScript. `note(text)` writes a line that the test can wait for. */
function childScript(body: string): string {
  const script = join(folder, "child.mjs");
  writeFileSync(
    script,
    `import { appendFileSync } from "node:fs";
     const note = (text) => appendFileSync(${JSON.stringify(log)}, text + "\\n");
     setInterval(() => {}, 1000);
     note("started " + process.pid);
     ${body}`,
  );
  return script;
}

const polite = `process.on("SIGTERM", () => { note("drained"); process.exit(0); }); process.on("disconnect", () => { note("orphaned"); process.exit(0); });`;

function notes(): string[] {
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
}

function start(body: string, options: Partial<SuperviseOptions> = {}): { said: string[] } & Supervision {
  const said: string[] = [];
  running = supervise({ script: childScript(body), env: process.env, say: (line) => said.push(line), backOffMs: () => 10, ...options });
  return Object.assign(running, { said });
}

const started = (times: number) =>
  until(() => notes().filter((line) => line.startsWith("started")).length >= times, { what: `the child started ${times} times` });

test("a child that is told to stop drains once, and the exit is clean", async () => {
  const supervision = start(`${polite} note("ready");`);
  await until(() => notes().includes("ready"), { what: "the child is ready" });
  supervision.stop();
  expect(await supervision.ended).toBe(0);
  expect(notes().filter((line) => line === "drained")).toHaveLength(1);
  expect(supervision.said).toEqual([]);
});

test("a child that crashes is restarted, each time after a longer delay", async () => {
  const failures: number[] = [];
  const supervision = start(`process.exit(3);`, {
    backOffMs: (count) => {
      failures.push(count);
      return 5;
    },
  });
  await started(4);
  supervision.stop();
  expect(await supervision.ended).toBeLessThanOrEqual(1);
  expect(failures.slice(0, 3)).toEqual([1, 2, 3]);
  expect(supervision.said[0]).toMatch(/ended unexpectedly \(code 3\); restarting it/);
});

test("a child that was killed is restarted", async () => {
  start(polite);
  await started(1);
  const [, pid] = (notes()[0] ?? "").split(" ");
  process.kill(Number(pid), "SIGKILL");
  await started(2);
  expect(notes()).not.toContain("drained");
});

test("the back-off is reset after a stable run", async () => {
  const failures: number[] = [];
  start(`process.exit(1);`, {
    steadyMs: 0,
    backOffMs: (count) => {
      failures.push(count);
      return 5;
    },
  });
  await started(4);
  expect(failures.slice(0, 3)).toEqual([1, 1, 1]);
});

test("a rejected configuration is not tried again", async () => {
  const supervision = start(`process.exit(78);`);
  expect(await supervision.ended).toBe(78);
  expect(notes()).toHaveLength(1);
});

test("a child that does not drain in time is killed", async () => {
  const supervision = start(`process.on("SIGTERM", () => note("ignored")); note("ready");`, { drainMs: 100 });
  await until(() => notes().includes("ready"), { what: "the child is ready" });
  supervision.stop();
  expect(await supervision.ended).toBe(1);
  expect(notes()).toContain("ignored");
  expect(supervision.said).toEqual([expect.stringMatching(/did not drain within 0.1 s/)]);
});

test("a second stop does not wait for the drain", async () => {
  const supervision = start(`process.on("SIGTERM", () => note("draining")); note("ready");`);
  await until(() => notes().includes("ready"), { what: "the child is ready" });
  supervision.stop();
  await until(() => notes().includes("draining"), { what: "the child drains" });
  supervision.stop();
  expect(await supervision.ended).toBe(1);
});

test("a stop while waiting for the next start takes effect immediately", async () => {
  const supervision = start(`process.exit(1);`, { backOffMs: () => 60_000 });
  await until(() => supervision.said.length === 1, { what: "the crash is noticed" });
  supervision.stop();
  expect(await supervision.ended).toBe(0);
});

test("a child notices that its supervisor was killed, and exits", async () => {
  const script = childScript(polite);
  // Runs a supervisor in a separate process. Its sources can run directly, because they are one file without imports of ours.
  const program = `import(${JSON.stringify(join(import.meta.dirname, "supervise.ts"))}).then(({ supervise }) => supervise({ script: ${JSON.stringify(script)}, env: process.env, say() {} }));`;
  const supervisor = spawn(process.execPath, ["-e", program], { stdio: "ignore" });
  await started(1);
  supervisor.kill("SIGKILL");
  await once(supervisor, "exit");
  await until(() => notes().includes("orphaned"), { what: "the child noticed" });
  expect(notes()).not.toContain("drained");
});
