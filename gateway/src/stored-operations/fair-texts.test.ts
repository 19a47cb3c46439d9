import { expect, test } from "vitest";
import { FairTexts } from "./fair-texts.js";

const hashOf = (n: number): string => n.toString(16).padStart(64, "0");
const text = "x".repeat(800);

/** Keeps texts, each of 1,000 characters with its entry. */
function keepMany(texts: FairTexts, account: string, count: number): void {
  for (let n = 0; n < count; n++) texts.keep(account, hashOf(n), text);
}
const countOf = (texts: FairTexts, account: string, of: number): number =>
  Array.from({ length: of }, (_, n) => texts.find(account, hashOf(n))).filter((found) => found !== undefined).length;

test("an account keeps the texts that it used last, within its own bound", () => {
  const texts = new FairTexts({ maxPerAccount: 10_000, max: 1_000_000 });
  keepMany(texts, "acme", 25);
  expect(countOf(texts, "acme", 25)).toBe(10);
  expect(texts.find("acme", hashOf(24))).toBe(text);
  expect(texts.find("acme", hashOf(14))).toBeUndefined();
});

test("an account does not find the texts of another one", () => {
  const texts = new FairTexts({ maxPerAccount: 10_000, max: 1_000_000 });
  keepMany(texts, "acme", 1);
  expect(texts.find("globex", hashOf(0))).toBeUndefined();
});

test("a flood of one account evicts its own texts, and none of accounts that have less", () => {
  const texts = new FairTexts({ maxPerAccount: 1_000_000, max: 100_000 });
  for (let n = 0; n < 10; n++) keepMany(texts, `tenant ${n}`, 5);
  keepMany(texts, "flood", 10_000);
  for (let n = 0; n < 10; n++) expect(countOf(texts, `tenant ${n}`, 5)).toBe(5);
  expect(countOf(texts, "flood", 10_000)).toBeGreaterThan(20);
  expect(texts.size).toBeLessThanOrEqual(100_000);
});

test("however many accounts there are, the bound of all of them holds", () => {
  const texts = new FairTexts({ maxPerAccount: 10_000, max: 100_000 });
  for (let n = 0; n < 2_000; n++) keepMany(texts, `network ${n}`, 3);
  expect(texts.size).toBeLessThanOrEqual(100_000);
});
