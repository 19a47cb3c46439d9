import { readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { learnNames, readGuide, withNames } from "./read-guide.js";

/** Runs the operations of a guide. */
export interface Reader {
  run(query: string, variables: Record<string, unknown>): Promise<unknown>;
}

const tutorials = new URL("../../../docs/tutorials/", import.meta.url);

/** The tutorials whose blocks are operations with a role (see `readGuide`), by file name. Other tutorials have their own tests. */
export const guides: ReadonlyMap<string, string> = new Map(
  readdirSync(tutorials)
    .map((name): [string, string] => [name, readFileSync(new URL(name, tutorials), "utf8")])
    .filter(([, page]) => /^```graphql \w/m.test(page)),
);

/** Whether a guide continues the history of the demo, so that it works nowhere else. */
export const usesDemoData = (page: string): boolean => page.includes("\nThis tutorial uses the data of the demo.");

/**
 * Runs a guide from start to end. Runs each operation as a user with the given role and compares the answer with the one in the guide. `settled` resolves
 * when the background work of the operations so far is done.
 */
export async function runGuide(
  page: string,
  reader: (role: string) => Promise<Reader>,
  settled: () => Promise<void> = async () => {},
): Promise<void> {
  const names = new Map<string, string>();
  const operations = readGuide(page);
  expect(operations.length).toBeGreaterThan(5);
  for (const { query, by, variables, answer, file } of operations) {
    await settled();
    names.set("<file>", file);
    const who = await reader(by);
    let data: unknown;
    for (const one of variables) data = await who.run(query, withNames(one, names) as Record<string, unknown>);
    learnNames(answer, data, names);
    expect(data).toMatchObject(withNames(answer, names) as object);
  }
}
