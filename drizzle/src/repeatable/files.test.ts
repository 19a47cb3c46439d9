import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { readRepeatables } from "./files.js";

const made: string[] = [];

afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

function directoryOf(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "weft-repeatable-"));
  made.push(directory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const namesOf = (files: Readonly<Record<string, string>>): string[] => readRepeatables(directoryOf(files)).files.map(({ name }) => name);

test("functions come before triggers and policies, and each file after the files that it requires", () => {
  expect(
    namesOf({
      "policies/app/things.mine.sql": "",
      "triggers/app/things.changed.sql": "",
      "functions/app/a.sql": "-- requires: app.c, app.b\n",
      "functions/app/b.sql": "",
      "functions/app/c.sql": "-- requires: zoo.d\n",
      "functions/zoo/d.sql": "",
      "functions/app/notes.txt": "",
    }),
  ).toEqual([
    "functions/zoo/d",
    "functions/app/c",
    "functions/app/b",
    "functions/app/a",
    "triggers/app/things.changed",
    "policies/app/things.mine",
  ]);
});

test("refuses files that require each other and reports the cycle", () => {
  const files = { "functions/app/a.sql": "-- requires: app.b", "functions/app/b.sql": "-- requires: app.a" };
  expect(() => namesOf(files)).toThrow("Files require each other: functions/app/a → functions/app/b → functions/app/a.");
});

test("refuses a required file that does not exist", () => {
  expect(() => namesOf({ "functions/app/a.sql": "-- requires: app.gone" })).toThrow(
    "functions/app/a.sql requires functions/app/gone.sql, which does not exist.",
  );
});

test.each(["app.b(text)", "app.a", "app.a(text), app.b(text)x"])(
  "a replaced signature must belong to the same function: %s",
  (signature) => {
    expect(() => namesOf({ "functions/app/a.sql": `-- replaces: ${signature}` })).toThrow("is not a signature of the same function");
  },
);

test("the hash of a set depends on names and texts, not on line endings", () => {
  const hash = (files: Readonly<Record<string, string>>): string => readRepeatables(directoryOf(files)).hash;
  const first = hash({ "functions/app/a.sql": "one\ntwo\n" });
  expect(hash({ "functions/app/a.sql": "one\r\ntwo\r\n" })).toBe(first);
  expect(hash({ "functions/app/a.sql": "one\nthree\n" })).not.toBe(first);
  expect(hash({ "functions/app/b.sql": "one\ntwo\n" })).not.toBe(first);
});
