import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../definition/compile.js";
import { readSource, withTranslationProblems } from "./read-source.js";

const page = readFileSync(new URL("../../../../../docs/how-to/short-form.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/```yml\n(.*?)```/gs)].map(([, text = ""]) => text);

test.each(blocks)("example %# of the guide is a definition", (text) => {
  const { document, locate, translation } = readSource(text);
  expect(translation).not.toBeNull();
  expect(withTranslationProblems(compile(document, { locate }), translation)).toMatchObject({ ok: true });
});

test("the guide has examples", () => expect(blocks).toHaveLength(2));
