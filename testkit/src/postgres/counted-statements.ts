import type { Database } from "@weft/platform/db";
import { onTestFinished } from "vitest";

/** Counts the statements of a function of a store, until the test ends. Returns a function that returns how many there were. */
export function countedStatements(database: Pick<Database, "onStatement">, name: string): () => number {
  let count = 0;
  database.onStatement = (text) => void (text.startsWith(`/* ${name} */`) && count++);
  onTestFinished(() => void (database.onStatement = undefined));
  return () => count;
}
