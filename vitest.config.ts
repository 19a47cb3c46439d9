import { randomInt } from "node:crypto";
import { accessSync, constants, existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { LongFilesFirst } from "./testkit/src/long-files-first.ts";

const root = fileURLToPath(new URL(".", import.meta.url));
const groups = [
  "drizzle",
  "gateway",
  "testkit",
  "bench",
  ...["apps", "packages", "subgraphs"].flatMap((group) => readdirSync(join(root, group)).map((name) => join(group, name))),
];

/**
 * Every package by its sources, subpaths too (`@weft/x/sub` is `src/sub/index.ts` or `src/sub.ts`). Custom export conditions instead of aliases ran on stale `dist`, silently.
 */
const packages = groups
  .filter((folder) => existsSync(join(root, folder, "package.json")))
  .flatMap((folder) => {
    const name = `@weft/${folder.split("/").at(-1)}`;
    const src = join(root, folder, "src");
    return [
      { find: new RegExp(`^${name}$`), replacement: join(src, "index.ts") },
      // A package without an index of its own is imported by its modules.
      ...(existsSync(join(src, "index.ts")) ? [] : [{ find: new RegExp(`^${name}/([^/]+)$`), replacement: join(src, "$1", "index.ts") }]),
      { find: new RegExp(`^${name}/(.+)$`), replacement: join(src, "$1.ts") },
    ];
  });

/** Two copies of graphql (its ES module and its CommonJS form) refuse each other's schemas: everybody gets index.js. */
const graphql = join(createRequire(join(root, "packages/api/package.json")).resolve("graphql"), "..", "index.js");

const testFiles = (ending: string): string[] =>
  globSync(`{apps,bench,drizzle,examples,gateway,packages,scripts,subgraphs,testkit}/**/*${ending}`, {
    cwd: root,
    exclude: (path) => path.endsWith("node_modules") || path.endsWith("dist"),
  });

/** The files that are long by nature: those that ask `sizes.ts`. */
const longFiles = (): string[] =>
  testFiles(".test.ts").filter((file) =>
    /from "(?:@weft\/testkit|\.{1,2}(?:\/\.\.)*)\/sizes(?:\.js)?"/.test(readFileSync(join(root, file), "utf8")),
  );

/** The test files that find the planted defects: each run of CI finds all of them. */
const findingPlanted = (): ReadonlySet<string> => {
  const headers = globSync("testkit/planted/*.patch", { cwd: root }).map((file) => readFileSync(join(root, file), "utf8"));
  return new Set(headers.flatMap((text) => [...text.matchAll(/^Found by: (.+)$/gm)].map(([, path = ""]) => path)));
};

/**
 * The hard tests. With WEFT_HARD_FILES_OF=n, a run draws one in n of the files, as CI does, which would not end in time with all of them. The failures
 * and their files are in its log, so nobody has to draw them again.
 */
const hardFiles = (): string[] => {
  const of = Number(process.env["WEFT_HARD_FILES_OF"] ?? 1);
  if (of === 1) return ["**/*.hard.test.ts"];
  const draw = randomInt(of);
  const always = findingPlanted();
  return testFiles(".hard.test.ts").filter((file, index) => index % of === draw || always.has(file.replaceAll("\\", "/")));
};

/** The files of `pnpm test` that have tests for `pnpm test:slow`. */
const filesWithSlowTests = (): string[] => {
  const walks = new Set(longFiles());
  return testFiles(".test.ts").filter(
    (file) =>
      !walks.has(file) && !/\.(?:walk|hard|distributed)\./.test(file) && readFileSync(join(root, file), "utf8").includes('tags: "slow"'),
  );
};

interface Suite {
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
  /** Which tests of the files run, by their tags. Absent: all. */
  readonly tagsFilter?: string[];
  /** How much it tries of the files that are long by nature, see `sizes.ts`. */
  readonly size: "sample" | "part" | "whole";
}

/** Whether the command means all tests, because it names files or measures the coverage. */
const areAllMeant = process.argv.slice(2).some((argument) => argument.includes(".test.") || argument === "--coverage");

/** What each suite runs, by vitest's --mode: `pnpm test`, `pnpm test:slow`, `pnpm test:walks`, `pnpm test:distributed`, `pnpm test:hard`, `pnpm test:long`. */
const suites: Readonly<Record<string, () => Suite>> = {
  test: () => ({
    include: ["**/*.test.ts"],
    exclude: ["**/*.walk.test.ts", "**/*.hard.test.ts", "**/*.distributed.test.ts"],
    ...(!areAllMeant && { tagsFilter: ["!slow"] }),
    size: "sample",
  }),
  slow: () => ({ include: filesWithSlowTests(), tagsFilter: ["slow"], size: "sample" }),
  // What walks through everything: the files of which `pnpm test` tries a sample, and those that have none.
  walks: () => ({ include: [...testFiles(".walk.test.ts"), ...longFiles()], exclude: ["**/*.hard.test.ts"], size: "part" }),
  distributed: () => ({ include: ["**/*.distributed.test.ts"], size: "part" }),
  hard: () => ({ include: hardFiles(), size: "part" }),
  long: () => ({ include: longFiles(), size: "whole" }),
};

function isOnPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

// The workers inherit it: compiling what npm brings, once per test file, is some 8 % of a run. Our own sources, whose coverage is measured, do not pass through it.
process.env["NODE_COMPILE_CACHE"] ??= join(root, ".weft-test/compile-cache");

export default defineConfig(({ mode }) => {
  // Tools that only read this file have modes of their own.
  const name = Object.hasOwn(suites, mode) ? mode : "test";
  const { include = [], exclude = [], tagsFilter, size } = suites[name]?.() ?? {};
  const isOfFeatures = name === "test" || name === "slow" || name === "walks";
  // The workers inherit it, too.
  process.env["WEFT_TEST_SIZE"] ??= size;
  if (mode === "distributed" && !isOnPath("redis-server")) {
    throw new Error("`pnpm test:distributed` needs redis-server on the PATH: `apt-get install redis-server`, or `brew install redis`.");
  }
  return {
    resolve: {
      alias: [
        { find: /^graphql$/, replacement: graphql },
        // Tests never arm the points of their own process; the fault tests start processes with the condition.
        { find: "#chaos", replacement: join(root, "packages/platform/src/chaos/off.ts") },
        ...packages,
      ],
    },
    oxc: { decorator: { legacy: true, emitDecoratorMetadata: false } },
    test: {
      include: [...include],
      exclude: [...configDefaults.exclude, "**/dist/**", ...exclude],
      tags: [
        {
          name: "slow",
          description:
            "Takes more than half a second: waits for a time to pass, has many rows, tries many cases, or needs much before the first step.",
        },
      ],
      ...(tagsFilter && { tagsFilter }),
      globalSetup: ["testkit/src/postgres/postgres-server.ts", "testkit/src/processes/bundler.ts"].map((file) => join(root, file)),
      setupFiles: [join(root, "testkit/src/setup.ts")],
      pool: "forks",
      sequence: { sequencer: LongFilesFirst },
      // Modules stay loaded from file to file of a worker: loading them anew was a quarter of the run of so many small files.
      isolate: name === "distributed",
      // The third uses the time that the two others wait for PostgreSQL. The hard tests start several processes each.
      maxWorkers: isOfFeatures ? 3 : 2,
      // What hangs says so itself, sooner: every wait has its own deadline. On a machine with other work everything else takes its time.
      testTimeout: isOfFeatures ? 60_000 : 180_000,
      hookTimeout: 300_000,
      coverage: {
        provider: "v8",
        include: ["{drizzle,gateway}/src/**/*.ts", "{apps,packages,subgraphs}/*/src/**/*.ts"],
        // Entries of processes are covered by the tests that start them, out of this process's sight.
        exclude: ["**/*.test.ts", "**/main.ts", "**/*-cli.ts"],
        reporter: ["text-summary", "html"],
      },
    },
  };
});
