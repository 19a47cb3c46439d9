import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findChromium } from "./find-chromium.js";

function folderWith(program?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-chromium-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (program !== undefined) {
    writeFileSync(join(folder, program), "");
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

test("uses the first Chromium on the PATH", () => {
  const folder = folderWith("chromium");
  expect(findChromium({ PATH: [folderWith(), folder, folderWith("google-chrome")].join(delimiter) })).toBe(join(folder, "chromium"));
});

test("PUPPETEER_EXECUTABLE_PATH takes precedence over the PATH", () => {
  const named = join(folderWith("my-browser"), "my-browser");
  expect(findChromium({ PATH: folderWith("chromium"), PUPPETEER_EXECUTABLE_PATH: named })).toBe(named);
});

test("without a Chromium the error says how to install one", () => {
  expect(() => findChromium({ PATH: folderWith() })).toThrow("apt-get install chromium");
});

test("the error reports a PUPPETEER_EXECUTABLE_PATH that is not a program", () => {
  expect(() => findChromium({ PUPPETEER_EXECUTABLE_PATH: "/nowhere/chromium" })).toThrow('"/nowhere/chromium", which is not a program');
});
