// Summarizes vitest's JSON reports (given as paths): one line per failure, so that the end of a long log lists all of them, and
// "N passed, N failed, N skipped" as the last line. A test that one suite leaves to another one, by its tag, is not skipped. Fails if a report is
// missing.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly status: string;
    readonly fullName: string;
    readonly failureMessages?: readonly string[];
  }[];
}

const firstLine = (text: string): string => (text.split("\n", 1)[0] ?? "").slice(0, 300);

/** @param name of the test; absent if the file itself failed */
function showFailure(file: TestFile, message: string, name?: string): void {
  console.log(`✗ ${relative(process.cwd(), file.name)}${name === undefined ? "" : ` › ${name}`}\n    ${firstLine(message)}`);
}

let [passed, failed] = [0, 0];
/** The tests by file and name, and whether a suite ran them. */
const hasRun = new Map<string, boolean>();
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    console.log(`There is no report ${path}: its suite did not run. It counts as one failure.`);
    failed += 1;
    process.exitCode = 1;
    continue;
  }
  const report = JSON.parse(readFileSync(path, "utf8")) as Report;
  // A file that could not be loaded, or failed outside its tests, has no failed test to count.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  for (const file of broken) showFailure(file, file.message);
  for (const file of report.testResults)
    for (const test of file.assertionResults) {
      if (test.status === "failed") showFailure(file, test.failureMessages?.[0] ?? "", test.fullName);
      // The seed of a random test is another one in each suite.
      const key = `${file.name} ${test.fullName.replaceAll(/seed \d+/g, "seed")}`;
      hasRun.set(key, hasRun.get(key) === true || test.status === "passed" || test.status === "failed");
    }
  passed += report.numPassedTests;
  failed += report.numFailedTests + broken.length;
}
const skipped = [...hasRun.values()].filter((ran) => !ran).length;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
