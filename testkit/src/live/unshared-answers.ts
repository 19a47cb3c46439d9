import { setTimeout as delay } from "node:timers/promises";
import type { ApiError, ApiResult } from "@weft/standalone";
import type { TestUser } from "../test-user.js";

/** An answer: what a payload of a subscription contains. */
export interface UnsharedAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors?: readonly ApiError[];
}

/** Number of events in one operation. Always the same, so that there is one text and one plan for each selection. */
const perOperation = 16;

/** Pauses after which an operation is sent again if a part of Weft was unavailable: on a busy machine, that is not an answer. */
const pausesMs = [500, 2_000, 10_000];

/** Settings with which an operation can contain as many events, and neither it nor a subscription runs into a time limit on a busy machine. */
export const unsharedAnswersSettings = {
  WEFT_REQUEST_TIMEOUT_MS: 100_000,
  WEFT_SUBGRAPH_TIMEOUT_MS: 60_000,
  DATABASE_STATEMENT_TIMEOUT_MS: 60_000,
  DATABASE_WAIT_TIMEOUT_MS: 60_000,
  DATABASE_IDLE_TIMEOUT_MS: 120_000,
  LIMIT_QUERY_TOKENS: 20_000,
  LIMIT_QUERY_ALIASES: 100,
  LIMIT_QUERY_ROOT_FIELDS: 100,
  LIMIT_QUERY_SELECTIONS: 10_000,
} as const;

/**
 * Returns the answers of a live field's mirror query to events, as this user alone gets them. Several events are asked about in one operation, with an
 * alias each: that takes a fraction of the time of an operation for each. Answers that the user cannot see are undefined.
 * @param cursors of the events
 * @throws Error if an event was refused for another reason
 */
export async function unsharedAnswers(
  user: TestUser,
  [field, selection]: readonly [field: string, selection: string],
  cursors: readonly string[],
): Promise<(UnsharedAnswer | undefined)[]> {
  const answers: (UnsharedAnswer | undefined)[] = [];
  for (let start = 0; start < cursors.length; start += perOperation) {
    const asked = cursors.slice(start, start + perOperation);
    const variables = Object.fromEntries(asked.map((cursor, index) => [`e${index}`, cursor]));
    const { data, errors } = await answerTo(user, textOf(field, selection), variables);
    for (const index of asked.keys()) answers.push(answerOf(field, `e${index}`, { data, errors }, user));
    const elsewhere = errors?.filter(({ path }) => path === undefined);
    if (elsewhere?.length) throw new Error(`${user.login} was refused with ${JSON.stringify(elsewhere)}.`);
  }
  return answers;
}

async function answerTo(user: TestUser, query: string, variables: Readonly<Record<string, string>>): Promise<ApiResult> {
  for (const pauseMs of [...pausesMs, undefined]) {
    const result = await user.internally.send(query, variables);
    const isPassing = result.errors?.some(({ extensions }) => passing.has(extensions?.code ?? "")) ?? false;
    if (!isPassing) return result;
    if (pauseMs !== undefined) await delay(pauseMs);
  }
  throw new Error(`${user.login} was refused because a part of Weft was unavailable.`);
}

const passing = new Set(["SERVICE_UNAVAILABLE", "RATE_LIMITED"]);

/** Without a cursor, the field only checks the arguments and returns null. */
function textOf(field: string, selection: string): string {
  const names = Array.from({ length: perOperation }, (_, index) => `e${index}`);
  return `query Alone(${names.map((name) => `$${name}: String`).join(", ")}) { ${names
    .map((name) => `${name}: ${field}(at: $${name}) { ${selection} }`)
    .join(" ")} }`;
}

function answerOf(
  field: string,
  alias: string,
  {
    data,
    errors,
  }: { readonly data?: Readonly<Record<string, unknown>> | null | undefined; readonly errors?: readonly ApiError[] | undefined },
  user: TestUser,
): UnsharedAnswer | undefined {
  const own = errors
    ?.filter(({ path }) => path?.[0] === alias)
    .map((error) => ({ ...error, path: [field, ...(error.path ?? []).slice(1)] }));
  const value = data?.[alias] ?? null;
  if (value !== null) return { data: { [field]: value }, ...(own?.length && { errors: own }) };
  const isHidden = own?.every(({ extensions }) => extensions?.code === "NOT_FOUND" || extensions?.code === "FORBIDDEN") ?? true;
  if (!isHidden) throw new Error(`${user.login} was refused with ${JSON.stringify(own)}.`);
  return undefined;
}
