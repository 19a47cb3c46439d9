import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { learnNames, readGuide, withNames } from "./read-guide.js";

/** Whoever runs an operation of a guide. */
export interface Reader {
  run(query: string, variables: Record<string, unknown>): Promise<unknown>;
}

const docs = new URL("../../../../docs/", import.meta.url);

/** The guides of the documentation, `docs/guide-*.md`, by name. */
export const guides: ReadonlyMap<string, string> = new Map(
  readdirSync(docs)
    .filter((name) => /^guide-.*\.md$/.test(name))
    .map((name) => [name, readFileSync(new URL(name, docs), "utf8")]),
);

/** Runs a guide from its first line to its last, each operation as the person that it names, and holds each answer against the one that it shows. */
export async function runGuide(page: string, reader: (role: string) => Promise<Reader>): Promise<void> {
  const names = new Map<string, string>();
  const operations = readGuide(page);
  expect(operations.length).toBeGreaterThan(5);
  for (const { query, by, variables, answer, file } of operations) {
    names.set("<file>", file);
    const who = await reader(by);
    let data: unknown;
    for (const one of variables) data = await who.run(query, withNames(one, names) as Record<string, unknown>);
    learnNames(answer, data, names);
    expect(data).toMatchObject(withNames(answer, names) as object);
  }
}
