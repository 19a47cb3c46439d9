import { BUILT_IN_PROFILES, redactorOf, type StepReport } from "@weft/engine";
import { expect, test } from "vitest";
import type { ProgramEnd } from "../../programs/program.js";
import type { StepContext } from "./performer.js";
import { performShell } from "./program.js";

/** What a step reports when its program has ended like this. */
async function reported(end: Partial<ProgramEnd>, redact: (text: string) => string = (text) => text): Promise<StepReport> {
  const used = { processorMs: 0, memoryBytes: 0, calls: 0, sentBytes: 0, receivedBytes: 0 };
  const ended: ProgramEnd = { stoppedBy: null, exitCode: 0, stdout: "", stderr: "", ...used, ...end };
  const context = {
    tenantId: "a",
    profile: BUILT_IN_PROFILES.elevated.profile,
    programs: { check: { isUsable: true }, run: () => Promise.resolve(ended) },
    redact,
    log: () => undefined,
    timeoutMs: 1000,
    signal: new AbortController().signal,
  };
  return await performShell({ run: "true" }, context as unknown as StepContext);
}

test("the error of a program quotes no part of a secret, wherever its text is cut", async () => {
  const secret = "sk_live_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const { text } = redactorOf(new Map([["token", secret]]));
  for (let after = 400; after <= 520; after++) {
    const report = await reported({ exitCode: 1, stderr: `Authorization: ${secret}\n${"x".repeat(after)}` }, text);
    const message = report.kind === "failed" ? report.error.message : "";
    expect(message).toMatch(/^The program ended with the exit code 1: .*x{400}/s);
    for (let at = 0; at + 6 <= secret.length; at++) expect(message).not.toContain(secret.slice(at, at + 6));
  }
});

test("what a program has moved over its network is in its usage", async () => {
  const { usage } = await reported({ exitCode: 1, calls: 2, sentBytes: 30, receivedBytes: 7 });
  expect(usage).toMatchObject({ calls: 2, sentBytes: 30, receivedBytes: 7 });
});

test("output that only looks like much JSON is read fast", async () => {
  const startedAt = performance.now();
  for (const stdout of [`["${'\\"'.repeat(130_900)}`, `[${'"'.repeat(262_000)}`, `["${"\\".repeat(262_000)}`, "[".repeat(262_000)]) {
    const report = await reported({ stdout });
    expect(report.kind === "succeeded" && report.outputs).toEqual({ exit_code: 0, stdout, stderr: "" });
  }
  // It takes milliseconds. The quadratic way takes many seconds.
  expect(performance.now() - startedAt).toBeLessThan(2000);
});

test("output that is JSON is a value, unless it has too many levels", async () => {
  const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const valueOf = async (stdout: string): Promise<unknown> => {
    const report = await reported({ stdout });
    return report.kind === "succeeded" && "json" in report.outputs ? report.outputs["json"] : "none";
  };
  expect(await valueOf(`["${"[".repeat(100)}", "\\"${"{".repeat(100)}\\\\"]`)).toEqual(["[".repeat(100), `"${"{".repeat(100)}\\`]);
  expect(await valueOf(nested(64))).toEqual(JSON.parse(nested(64)));
  expect(await valueOf(nested(65))).toBe("none");
  expect(await valueOf("[1] and more")).toBe("none");
});
