import { expect, test } from "vitest";
import { eventOfReport, storableReport } from "./step-report.js";

const attempt = { step: "a", attempt: 1, isCompensation: false };

test("what PostgreSQL cannot store is replaced in the outputs of a step, in names and values of any depth", () => {
  const outputs = { list: [{ "a\u0000": "\u0000" }], cut: "x\ud83d", whole: "\u{1F600}", none: null, not: Number.NaN };
  expect(eventOfReport(attempt, { kind: "succeeded", outputs })).toMatchObject({
    kind: "succeeded",
    outputs: { list: [{ "a\uFFFD": "\uFFFD" }], cut: "x\uFFFD", whole: "\u{1F600}", none: null, not: null },
  });
});

test("a message is cut without leaving half of a character", () => {
  const error = { code: "E", message: `${"x".repeat(1999)}\u{1F600}`, isFinal: false };
  expect(eventOfReport(attempt, { kind: "failed", error })).toMatchObject({ error: { message: `${"x".repeat(1999)}\uFFFD` } });
});

test("outputs that are nested without end, or are not JSON, are a failure that another attempt would repeat", () => {
  const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  const failed = { kind: "failed", error: { code: "OUTPUT_INVALID", isFinal: true }, usage: { calls: 1 } };
  expect(storableReport({ kind: "succeeded", outputs: { deep } as never, usage: { calls: 1 } })).toMatchObject(failed);
  expect(storableReport({ kind: "succeeded", outputs: { big: 1n } as never, usage: { calls: 1 } })).toMatchObject(failed);
});
