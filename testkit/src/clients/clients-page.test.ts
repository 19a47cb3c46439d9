import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Returns the code blocks of docs/tutorials/single-page-application.md, each with the example file of the last link before it. */
function quotes(): { file: string; code: string }[] {
  const found: { file: string; code: string }[] = [];
  let file = "";
  for (const [, link, code] of read("docs/tutorials/single-page-application.md").matchAll(
    /\]\(\.\.\/\.\.\/(examples\/clients\/[^)]+\.\w+)\)|```(?:tsx?|json)\n(.*?)```/gs,
  )) {
    if (link !== undefined) file = link;
    if (code !== undefined) found.push({ file, code });
  }
  return found;
}

/** Excerpts are not indented. */
const withoutIndent = (text: string): string => text.replace(/^ +/gm, "");

test.each(quotes())("docs/tutorials/single-page-application.md quotes $file verbatim", ({ file, code }) => {
  expect(withoutIndent(read(file))).toContain(withoutIndent(code));
});

test("docs/tutorials/single-page-application.md quotes the setup of each library, and the session", () => {
  const files = new Set(quotes().map(({ file }) => file.replace("examples/clients/", "")));
  expect([...files]).toEqual(
    expect.arrayContaining([
      "codegen.json",
      "shared/weft.ts",
      "shared/page.ts",
      "apollo/client.ts",
      "urql/client.ts",
      "relay/environment.ts",
    ]),
  );
});

test("the packages that docs/tutorials/single-page-application.md installs are those of the example", () => {
  const { dependencies, devDependencies } = JSON.parse(read("examples/clients/package.json")) as Record<string, Record<string, string>>;
  const commands = [...read("docs/tutorials/single-page-application.md").matchAll(/^npm install (--save-dev )?(.+)$/gm)];
  expect(commands.length).toBeGreaterThan(2);
  const missing = commands.flatMap(([, isDevelopment, names = ""]) =>
    names.split(" ").filter((name) => (isDevelopment === undefined ? dependencies : devDependencies)?.[name] === undefined),
  );
  expect(missing).toEqual([]);
});
