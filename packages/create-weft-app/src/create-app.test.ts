import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApp } from "./create-app.js";
import { readOptions } from "./options.js";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "create-weft-app-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function create(...args: string[]): void {
  const options = readOptions(args, home);
  if (options) createApp(options);
}
const read = (path: string): string => readFileSync(join(home, path), "utf8");

test("an application has its name and the URL of its Weft", () => {
  create("my/hall", "--url", "https://weft.example.com/");
  expect(read("my/hall/.env")).toContain("VITE_WEFT_URL=https://weft.example.com\n");
  expect(JSON.parse(read("my/hall/package.json"))).toMatchObject({ name: "hall", dependencies: { "@weft/client": "^0.1.0" } });
  const left = readdirSync(join(home, "my/hall"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) => /my-weft-app|127\.0\.0\.1:4000/.test(readFileSync(join(entry.parentPath, entry.name), "utf8")));
  expect(left.map(({ name }) => name)).toEqual([]);
});

test("a URL that contains the name of the template stays as it is", () => {
  create("hall", "--url", "https://my-weft-app.example.com/$&");
  expect(read("hall/.env")).toContain("VITE_WEFT_URL=https://my-weft-app.example.com/$&\n");
});

test("tarballs are copied into the application", () => {
  mkdirSync(join(home, "packed"));
  for (const name of ["weft-client-0.1.0.tgz", "weft-react-0.1.0.tgz"]) writeFileSync(join(home, "packed", name), name);
  create("hall", "--packages", "packed");
  expect(JSON.parse(read("hall/package.json"))).toMatchObject({
    dependencies: { "@weft/client": "file:packages/weft-client-0.1.0.tgz", "@weft/react": "file:packages/weft-react-0.1.0.tgz" },
  });
  expect(read("hall/packages/weft-react-0.1.0.tgz")).toBe("weft-react-0.1.0.tgz");
});

test("an empty folder with a Git repository becomes the application", () => {
  mkdirSync(join(home, "hall/.git"), { recursive: true });
  create("hall");
  expect(existsSync(join(home, "hall/src/app.tsx"))).toBe(true);
});

test("a folder that is not empty stays as it is", () => {
  mkdirSync(join(home, "hall"));
  writeFileSync(join(home, "hall/notes.txt"), "mine");
  expect(() => create("hall")).toThrow('is not empty: it contains "notes.txt"');
  expect(readdirSync(join(home, "hall"))).toEqual(["notes.txt"]);
});

test("an application that cannot be completed leaves nothing behind", () => {
  const options = readOptions(["my/hall"], home);
  if (!options) throw new Error("There are no options.");
  expect(() => createApp({ ...options, tarballs: { "@weft/client": join(home, "missing.tgz") } })).toThrow("missing.tgz");
  expect(readdirSync(home)).toEqual([]);
});

test("a file is not a folder for the application, nor for the packages", () => {
  writeFileSync(join(home, "notes.txt"), "mine");
  expect(() => create("notes.txt")).toThrow("is a file");
  expect(() => create("hall", "--packages", "notes.txt")).toThrow("no tarball of @weft/client");
});

test.each([
  [[], "Give one folder"],
  [["a", "b"], "Give one folder"],
  [["My App"], '"My App" is not a valid name'],
  [["hall", "--url", "weft"], '"weft" is not a valid URL'],
  [["hall", "--url", "ftp://weft.example.com"], "Use http or https"],
  [["hall", "--packages", "nowhere"], "no tarball of @weft/client"],
  [["hall", "--port", "1"], "--port"],
])("%j is refused with what is wrong, and nothing is written", (args, problem) => {
  expect(() => create(...args)).toThrow(problem);
  expect(readdirSync(home)).toEqual([]);
});
