import { expect, test } from "vitest";
import type { CollectedLine } from "./append-log.js";
import { collectLog } from "./collect-log.js";

const collected = (failures = 0) => {
  const batches: (readonly CollectedLine[])[] = [];
  let left = failures;
  const log = collectLog({
    append: async (lines) => {
      if (left-- > 0) throw new Error("gone");
      batches.push(lines);
    },
    onFailure: () => undefined,
    flushMs: 1,
  });
  const texts = () => batches.flat().map(({ stream, text }) => `${stream} ${text}`);
  return { log, batches, texts };
};

test("lines are complete with their line breaks, in each stream by itself, and the last one at the end", async () => {
  const { log, texts } = collected();
  log.write("stdout", "one\ntw");
  log.write("stderr", "bad\r\n");
  log.write("stdout", "o\n\nlast");
  await log.close();
  expect(texts()).toEqual(["stdout one", "stderr bad", "stdout two", "stdout ", "stdout last"]);
});

test("many lines at once are one batch", async () => {
  const { log, batches } = collected();
  for (let n = 0; n < 100; n++) log.write("stdout", `${n}\n`);
  await log.close();
  expect(batches.map((lines) => lines.length)).toEqual([100]);
});

test("a program that writes without end is cut off with one marker", async () => {
  for (const text of ["x\n", "y".repeat(100_000)]) {
    const { log, texts } = collected();
    for (let n = 0; n < 3_000; n++) log.write("stdout", text);
    await log.close();
    expect(texts().filter((line) => line.startsWith("system The log of the attempt ends here"))).toHaveLength(1);
    expect(texts().at(-1)).toMatch(/^system /);
    expect(texts().length).toBeLessThanOrEqual(2_000);
    expect(texts().join("").length).toBeLessThan(600_000);
  }
});

test("long lines are broken, and what cannot be stored is replaced", async () => {
  const { log, texts } = collected();
  log.write("stdout", `${"a".repeat(9_000)}\nb\u0000c\uD800\n`);
  await log.close();
  expect(texts().map((line) => line.length - "stdout ".length)).toEqual([4_000, 4_000, 1_000, 4]);
  expect(texts().at(-1)).toBe("stdout b\uFFFDc\uFFFD");
});

test("lines that could not be written are written with the next ones, once", async () => {
  const { log, texts } = collected(1);
  log.write("stdout", "one\n");
  await new Promise((resolve) => setTimeout(resolve, 30));
  log.write("stdout", "two\n");
  await log.close();
  expect(texts()).toEqual(["stdout one", "stdout two"]);
});
