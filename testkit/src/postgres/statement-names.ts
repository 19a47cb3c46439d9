import type { Database } from "@weft/platform/db";

/** Returns the names of the statements that a pool sends while `run` is running; of one without a name, its text. */
export async function statementNames(database: Database, run: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  database.onStatement = (text) => seen.push(/^\/\* (\w+)/.exec(text)?.[1] ?? text);
  try {
    await run();
  } finally {
    database.onStatement = undefined;
  }
  return seen;
}
