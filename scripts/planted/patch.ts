/** A defect that tests must find, as a file of `testkit/planted`. */
export interface PlantedDefect {
  /** Name of the file without its ending. */
  readonly name: string;
  /** Sentence that says what users would notice. */
  readonly defect: string;
  /** Paths of test files. The defect is found if a test in one of them fails. */
  readonly foundBy: readonly string[];
}

const namePattern = /^\d\d(?:-[a-z0-9]+)+$/;
const productPattern = /^(?:apps|drizzle|gateway|packages|subgraphs)\//;
const testPattern = /\.test\.tsx?$/;
const headerPattern = /^(Defect|Found by): (\S.*)$/;

/** Reads a patch: a header of lines that `git apply` ignores, and a diff. Returns the defect, and what is wrong with the file. */
export function readPatch(name: string, text: string): { readonly patch: PlantedDefect; readonly problems: readonly string[] } {
  const [header = "", ...files] = text.split(/^diff --git /m);
  const problems: string[] = [];
  const defects: string[] = [];
  const foundBy: string[] = [];
  if (!namePattern.test(name)) problems.push("The name must be two digits and words, for example 01-list-of-other-tenants.patch.");
  for (const line of header.split("\n").filter((each) => each !== "")) {
    const [, key, value = ""] = headerPattern.exec(line) ?? [];
    if (key === "Defect") defects.push(value);
    else if (key === "Found by") foundBy.push(value);
    else problems.push(`The header contains ${JSON.stringify(line)}. Its lines begin with "Defect: " or "Found by: ".`);
  }
  const [defect = ""] = defects;
  if (defects.length !== 1) problems.push('The header must have one line that begins with "Defect: ".');
  if (foundBy.length === 0) problems.push('The header must have a line that begins with "Found by: ", for each test file.');
  for (const path of foundBy) if (!testPattern.test(path)) problems.push(`${path} is not a test file.`);
  if (files.length === 0) problems.push("There is no diff. Write it with git diff.");
  for (const file of files) {
    const path = /^a\/(\S+) /.exec(file)?.[1] ?? "";
    if (!productPattern.test(path) || testPattern.test(path)) problems.push(`${path} is not a file of the product.`);
  }
  return { patch: { name, defect, foundBy }, problems };
}

/** The suites by the names of their files, in the order in which they run. Those of `test` have none of these endings. */
const endings = { test: null, walks: ".walk.test.", distributed: ".distributed.test.", hard: ".hard.test." } as const;

/** A suite, as vitest's `--mode` names it. */
export type Suite = keyof typeof endings;

export const suites = Object.keys(endings) as readonly Suite[];

export function suiteOf(testFile: string): Suite {
  return suites.find((suite) => endings[suite] !== null && testFile.includes(endings[suite])) ?? "test";
}
