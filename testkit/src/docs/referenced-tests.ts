import { existsSync, readFileSync } from "node:fs";

/** Root of the repository. */
export const root = new URL("../../../", import.meta.url);

/** A test that a page references, by its file and its name or a part of it. */
interface ReferencedTest {
  readonly file: string;
  readonly name: string;
}

/** Returns the text of a file of the repository. */
export const readText = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Returns the tests that the tables of a page reference, written as `file` › name. */
export const referencedTests = (page: string): ReferencedTest[] =>
  [...page.matchAll(/`([^`]+\.ts)` › (.+?)(?=<br>| \|)/g)].map(([, file = "", name = ""]) => ({ file, name }));

/** Returns those that do not exist. */
export const missingTests = (tests: readonly ReferencedTest[]): ReferencedTest[] =>
  tests.filter(({ file, name }) => !existsSync(new URL(file, root)) || !readText(file).includes(name));
