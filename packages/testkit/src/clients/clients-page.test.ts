import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Code blocks of docs/clients.md, each with the example file that was linked last before it. */
function quotes(): { file: string; code: string }[] {
  const found: { file: string; code: string }[] = [];
  let file = "";
  for (const [, link, code] of read("docs/clients.md").matchAll(
    /\]\(\.\.\/(examples\/clients\/[^)]+\.\w+)\)|```(?:tsx?|json)\n(.*?)```/gs,
  )) {
    if (link !== undefined) file = link;
    if (code !== undefined) found.push({ file, code });
  }
  return found;
}

/** Excerpts begin at the margin. */
const withoutIndent = (text: string): string => text.replace(/^ +/gm, "");

test.each(quotes())("docs/clients.md quotes $file as it is", ({ file, code }) => {
  expect(withoutIndent(read(file))).toContain(withoutIndent(code));
});

test("docs/clients.md quotes the set-up of each library, sessions and live", () => {
  const files = new Set(quotes().map(({ file }) => file.replace("examples/clients/", "")));
  expect([...files]).toEqual(
    expect.arrayContaining(["shared/session.ts", "shared/live.ts", "apollo/client.ts", "urql/client.ts", "relay/environment.ts"]),
  );
});
