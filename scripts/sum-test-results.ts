// Adds up vitest's JSON reports (the paths given) and prints one line: "N passed, N failed, N skipped". Fails when a report is missing.
import { existsSync, readFileSync } from "node:fs";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

let [passed, failed, skipped] = [0, 0, 0];
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    console.log(`There is no report ${path}: its suite did not run. It counts as one failure.`);
    failed += 1;
    process.exitCode = 1;
    continue;
  }
  const report = JSON.parse(readFileSync(path, "utf8")) as Report;
  // A file that did not load, or failed outside its tests, has no failed test to count.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  );
  passed += report.numPassedTests;
  failed += report.numFailedTests + broken.length;
  skipped += report.numPendingTests + report.numTodoTests;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
