import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readManifest } from "./read-manifest.js";

const text = "query Mine { me { name } }";
const hash = createHash("sha256").update(text).digest("hex");
const problemsOf = (manifest: unknown): string[] =>
  readManifest(typeof manifest === "string" ? manifest : JSON.stringify(manifest)).problems.map(({ message }) => message);

test.each([
  ["GraphQL Code Generator", { [hash]: text }],
  [
    "Apollo",
    {
      format: "apollo-persisted-query-manifest",
      version: 1,
      operations: [{ id: hash, name: "Mine", type: "query", body: text }],
    },
  ],
  ["IDs with the prefix of GraphQL over HTTP", { [`sha256:${hash}`]: text }],
])("reads the format of %s", (_what, manifest) => {
  expect(readManifest(JSON.stringify(manifest))).toEqual({ documents: [{ id: hash, text }], problems: [] });
});

test("keeps IDs of another kind as they are", () => {
  expect(readManifest(JSON.stringify({ "md5:abc": text, mine: text })).documents.map(({ id }) => id)).toEqual(["md5:abc", "mine"]);
});

test.each([
  ["a text that is not JSON", "query { me { name } }", "This is not a manifest."],
  ["a list", [text], "This is not a manifest."],
  ["a manifest of another version", { format: "apollo-persisted-query-manifest", version: 2, operations: [] }, "This is not a manifest."],
  ["no documents", {}, "The manifest has no documents."],
  ["too many documents", Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`d${n}`, text])), "has 1001 documents"],
])("refuses %s", (_what, manifest, message) => {
  expect(problemsOf(manifest)).toEqual([expect.stringContaining(message)]);
});

test("reports every document that is wrong", () => {
  expect(problemsOf({ "an id": text, [`sha256:${hash}`]: "{ me { id } }", long: "x".repeat(50_001), [hash]: text, mine: text })).toEqual([
    'Document "an id": An ID has 1 to 200 printable ASCII characters.',
    `Document "sha256:${hash}": The ID is not the SHA-256 hash of the document.`,
    'Document "long": The document has 50001 characters. The maximum is 50000.',
  ]);
});

test("refuses a second document with the same ID, with or without the prefix", () => {
  expect(problemsOf({ [hash]: text, [`sha256:${hash}`]: text })).toEqual([
    `Document "sha256:${hash}": There are two documents with this ID.`,
  ]);
});
