import { relative } from "node:path";

/** The parts of vitest's JSON report that are read here. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

export interface FailedTest {
  /** Path of the test file, from the root. */
  readonly file: string;
  readonly name: string;
  /** First line of the message. */
  readonly message: string;
}

/** Returns the first test that failed. Null if only the set-up failed: a file that cannot be loaded, or a hook, does not show that a test finds anything. */
export function firstFailedTest({ testResults }: Report, root: string): FailedTest | null {
  for (const { name, assertionResults } of testResults)
    for (const { status, fullName, failureMessages: [message = ""] = [] } of assertionResults)
      if (status === "failed")
        return { file: relative(root, name).replaceAll("\\", "/"), name: fullName, message: message.split("\n", 1)[0] ?? "" };
  return null;
}
