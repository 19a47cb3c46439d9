import { encode } from "@jridgewell/sourcemap-codec";
import { SourceMap } from "node:module";
import { expect, test } from "vitest";
import { ownMappings } from "./own-mappings.ts";

test("keeps the mappings of own sources, and leaves dependencies without any", () => {
  const mappings = encode([[[0, 0, 4, 2]], [[0, 1, 7, 0]], [[3, 1, 8, 0]], [[1, 2, 5, 0]]]);
  const map = ownMappings({ sources: ["../gateway/src/a.ts", "../node_modules/x/index.js", "../gateway/src/b.ts"], mappings });
  expect(map.sources).toEqual(["../gateway/src/a.ts", "../gateway/src/b.ts"]);
  const found = new SourceMap({ ...map, file: "", sourcesContent: [], sourceRoot: "" } as never);
  const at = (line: number, column: number) => {
    const entry = found.findEntry(line, column) as { originalSource?: string; originalLine?: number };
    return entry.originalSource === undefined ? null : `${entry.originalSource}:${entry.originalLine}`;
  };
  expect([at(0, 3), at(1, 5), at(2, 9), at(3, 1)]).toEqual(["../gateway/src/a.ts:4", null, null, "../gateway/src/b.ts:5"]);
});
