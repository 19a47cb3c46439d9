import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "@weft/testkit/until";
import { expect, test } from "vitest";
import { chaos } from "./chaos.js";

const armed = fileURLToPath(new URL("armed.ts", import.meta.url));
const program = `
  const { chaos } = await import(${JSON.stringify(armed)});
  setTimeout(() => chaos("beside"), 1);
  for (let i = 1; i <= 3; i++) { chaos("other"); console.log(i); chaos("here"); }
`;

function run(points: string, more: Record<string, string> = {}): { output: string; signal: string | null; errors: string } {
  const { stdout, signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { ...process.env, WEFT_CHAOS: points, ...more },
    encoding: "utf8",
  });
  return { output: stdout, signal, errors: stderr };
}

test("an armed point kills its process the nth time it is reached, not before", () => {
  expect(run("here:2")).toMatchObject({ output: "1\n2\n", signal: "SIGKILL" });
  expect(run("elsewhere:1,here:1")).toMatchObject({ output: "1\n", signal: "SIGKILL" });
  expect(run("")).toMatchObject({ output: "1\n2\n3\n", signal: null });
});

test("a point can start counting after another point is reached", () => {
  expect(run("here>other:2")).toMatchObject({ output: "1\n2\n", signal: "SIGKILL" });
  expect(run("here>>other:1")).toMatchObject({ output: "1\n", signal: "SIGKILL" });
  expect(run("here>>beside:1")).toMatchObject({ output: "1\n2\n3\n", signal: null });
  expect(run("never>here:1")).toMatchObject({ output: "1\n2\n3\n", signal: null });
});

test("a point can cause an unhandled rejection", () => {
  const { signal, errors } = run("here:1:reject");
  expect(signal).toBeNull();
  expect(errors).toMatch(/chaos at here/);
});

test("a point can stop its process until it is continued", async () => {
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { env: { ...process.env, WEFT_CHAOS: "here:2:stop" } });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  const isStopped = (): boolean => readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.startsWith("T") ?? false;
  // The process can be seen stopped before what it wrote has been read from the pipe.
  await until(() => isStopped() && output.includes("2"), { what: "it is stopped" });
  expect(output).toBe("1\n2\n");
  child.kill("SIGCONT");
  // Its exit can be seen before what it wrote has been read.
  await once(child, "close");
  expect(output).toBe("1\n2\n3\n");
});

test("a file arms a running process and is removed after the fault", () => {
  const file = join(mkdtempSync(join(tmpdir(), "weft-chaos-")), "points");
  writeFileSync(file, "here:2");
  expect(run("", { WEFT_CHAOS_FILE: file })).toMatchObject({ output: "1\n2\n", signal: "SIGKILL" });
  expect(existsSync(file)).toBe(false);
  rmSync(dirname(file), { recursive: true });
});

test("refuses a point that cannot be parsed", () => {
  expect(run("here").errors).toMatch(/Each part must be "point:n"/);
});

test("without the import condition a point does nothing, and only the condition enables the armed version", () => {
  chaos("here");
  const { imports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    imports: Record<string, object>;
  };
  expect(imports["#chaos"]).toEqual({ "weft-chaos": "./dist/chaos/armed.js", default: "./dist/chaos/off.js" });
});
