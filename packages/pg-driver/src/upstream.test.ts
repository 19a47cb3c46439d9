import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const filesOf = (folder: string): string[] => readdirSync(join(root, folder)).toSorted();

test("only the files that have changes differ from the published source", () => {
  const [ours, published] = ["postgres/src", "node_modules/postgres/src"] as const;
  expect(filesOf(ours)).toEqual([...filesOf(published), "begin.js"].toSorted());
  const changed = filesOf(published).filter((name) => read(`${ours}/${name}`) !== read(`${published}/${name}`));
  expect(changed).toEqual(["connection.js", "index.js", "query.js", "queue.js"]);
});

test("the README states the version that the source is compared with", () => {
  const { version } = JSON.parse(read("node_modules/postgres/package.json")) as { version: string };
  expect(read("README.md")).toContain(`| Version | ${version}, `);
});
