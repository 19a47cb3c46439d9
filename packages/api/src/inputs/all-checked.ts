import { BadUserInput, type Problem } from "@weft/shared/errors";

type Results<Checks extends readonly (() => unknown)[]> = { -readonly [At in keyof Checks]: Awaited<ReturnType<Checks[At]>> };

/**
 * Runs every check, and returns their results. Checks must not depend on each other.
 * @throws BadUserInput with the problems of all checks at once. Other errors are thrown immediately
 */
export function allChecked<const Checks extends readonly (() => unknown)[]>(...checks: Checks): Results<Checks> {
  const problems: Problem[] = [];
  const results = checks.map((check) => {
    try {
      return check();
    } catch (error) {
      problems.push(...problemsOf(error));
      return undefined;
    }
  });
  if (problems.length > 0) throw new BadUserInput(problems);
  return results as Results<Checks>;
}

/** As `allChecked`, for checks that read: one after another, because they share a transaction. */
export async function allCheckedInTurn<const Checks extends readonly (() => unknown)[]>(...checks: Checks): Promise<Results<Checks>> {
  const problems: Problem[] = [];
  const results: unknown[] = [];
  for (const check of checks) {
    try {
      results.push(await check());
    } catch (error) {
      problems.push(...problemsOf(error));
    }
  }
  if (problems.length > 0) throw new BadUserInput(problems);
  return results as Results<Checks>;
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof BadUserInput) return error.problems;
  throw error;
}
