/** Cron expressions. Croner matches them, also at daylight-saving changes; this file finds the field that is wrong. */
import { Cron } from "croner";
import type { Problem } from "@weft/shared/errors";

const options = {
  paused: true,
  mode: "5-or-6-parts",
  // As in Vixie cron: fixed times that do not exist run right after the gap and repeated times run once; times with a wildcard follow elapsed time.
  fixedTimeRule: "no-wildcard",
} as const;

const MAX_CHARS = 120;
const MAX_KNOWN = 1_000;
const fields = ["minute", "hour", "day of month", "month", "day of week"] as const;

const known = new Map<string, Cron>();

/** Returns the matcher of a valid expression. */
export function matcherOf(expression: string, timeZone: string): Cron {
  const key = `${timeZone} ${expression}`;
  let matcher = known.get(key);
  if (!matcher) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, (matcher = new Cron(expression, { ...options, timezone: timeZone })));
  }
  return matcher;
}

/** Returns what is wrong with an expression, by field and position. */
export function cronProblems(expression: string, path: string): Problem[] {
  const problem = (message: string): Problem[] => [{ path, message }];
  if (expression.length > MAX_CHARS) return problem(`A cron expression has at most ${MAX_CHARS} characters.`);
  const parts = [...expression.matchAll(/\S+/g)];
  const names = parts.length === fields.length + 1 ? ["second", ...fields] : fields;
  if (parts.length !== names.length)
    return problem(
      `A cron expression has 5 fields (${fields.join(", ")}), or 6 with a second first, not ${parts.length}. Example: 30 2 * * MON-FRI.`,
    );
  const problems = parts.flatMap(({ 0: text, index }, at): Problem[] => {
    const wrong = fieldProblem(text, at, names.length);
    const where = `the ${names[at] ?? ""} (field ${at + 1}, character ${index + 1})`;
    return wrong === null ? [] : problem(`${JSON.stringify(text)} is not valid for ${where}: ${wrong}`);
  });
  return problems.length > 0 ? problems : wholeProblem(expression).flatMap(problem);
}

function fieldProblem(text: string, at: number, count: number): string | null {
  // Croner replaces it by the current time.
  if (text.includes("?")) return "use * instead of ?.";
  const alone = Array.from({ length: count }, (_, other) => (other === at ? text : "*")).join(" ");
  const [message] = wholeProblem(alone);
  return message ?? null;
}

function wholeProblem(expression: string): string[] {
  try {
    new Cron(expression, options);
    return [];
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const message = text.replace(/^CronPattern: /, "").replace(/^Syntax error, /, "");
    return [message.endsWith(".") ? message : `${message}.`];
  }
}
