import { setTimeout as delay } from "node:timers/promises";
import type { IdType } from "@weft/shared/ids";
import type { ApiResult } from "@weft/standalone";
import type { TestUser } from "../test-user.js";
import { callerOf, isListAt, operationFor, type RootField } from "./api-schema.js";
import { codesOf, comparable } from "./answers.js";
import type { Refusal } from "./cases/case.js";
import { neverIssued, typeOfId } from "./fixture.js";

/** Input objects of which only one member can be set at a time. */
const exclusive: readonly string[] = ["assignee"];

/** Returns a copy of `variables` with `id` at a path, wrapped in a list if the argument is a list. A path through a list leads to its first item. */
export function withIdAt(root: RootField, variables: Readonly<Record<string, unknown>>, path: string, id: string): Record<string, unknown> {
  const value = isListAt(root, path) ? [id] : id;
  const put = (into: unknown, [part = "", ...rest]: readonly string[]): unknown => {
    if (Array.isArray(into)) return into.map((item: unknown, index) => (index === 0 ? put(item, [part, ...rest]) : item));
    const kept = typeof into === "object" && into !== null ? (into as Record<string, unknown>) : {};
    if (rest.length === 0) return { ...kept, [part]: value };
    return { ...kept, [part]: put(exclusive.includes(part) ? {} : kept[part], rest) };
  };
  return put(variables, path.split(".")) as Record<string, unknown>;
}

export interface Attempt {
  readonly field: string;
  readonly path: string;
  readonly id: string;
  readonly answer: ApiResult;
  readonly never: ApiResult;
}

/** Repeats an operation for which the tenant has no processor time left: the walks ask for more than a tenant's share. */
async function sendUntilServed(user: TestUser, operation: string, variables: Record<string, unknown>): Promise<ApiResult> {
  for (let tries = 0; ; tries++) {
    const answer = await user.send(operation, variables);
    // Equal answers to everything would otherwise look like a field that gives nothing away.
    if (codesOf(answer).includes("GRAPHQL_VALIDATION_FAILED")) throw new Error(`${operation} was not executed: ${JSON.stringify(answer)}`);
    if (tries === 20 || !answer.errors?.some(({ message }) => message.includes("share of processor time"))) return answer;
    await delay(2_000);
  }
}

/**
 * Sends an operation once per ID, and once per type of ID with one that was never issued. At most eight requests run at a time.
 * @returns the answer to each
 */
export async function tryIds(
  user: TestUser,
  root: RootField,
  { path, ids, variables = {} }: { readonly path: string; readonly ids: readonly string[]; readonly variables?: Record<string, unknown> },
): Promise<Attempt[]> {
  const operation = operationFor(root, 0);
  const send = async (id: string) => blind(await sendUntilServed(callerOf(root, user), operation, withIdAt(root, variables, path, id)), id);
  const never = new Map<IdType, Promise<ApiResult>>();
  const answerToUnknown = (id: string): Promise<ApiResult> => {
    const type = typeOfId(id);
    const asked = never.get(type) ?? send(neverIssued(id));
    never.set(type, asked);
    return asked;
  };
  const waiting = [...ids];
  const attempts: Attempt[] = [];
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const answer = await send(id);
      // An ID that is refused for its type was not looked up.
      attempts.push({ field: root.name, path, id, answer, never: isOfWrongType(answer) ? answer : await answerToUnknown(id) });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return attempts;
}

const isOfWrongType = ({ errors = [] }: ApiResult): boolean =>
  errors.length === 1 && / is the ID of an? \w+; expected /.test(errors[0]?.message ?? "");

/** Returns an ID, or the first ID of a list. */
export function firstOf(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== "string") throw new Error(`${JSON.stringify(value)} contains no ID.`);
  return first;
}

/** Returns all IDs of the same type as `like`, and one ID of each other type. The latter are refused before they are looked up. */
export function worthTrying(ids: readonly string[], like: unknown): string[] {
  const wanted = like === undefined ? undefined : typeOfId(firstOf(like));
  const seen = new Set<string>();
  return ids.filter((id) => {
    const type = typeOfId(id);
    if (type !== wanted && seen.has(type)) return false;
    seen.add(type);
    return true;
  });
}

const blind = (answer: ApiResult, id: string): ApiResult => JSON.parse(JSON.stringify(answer).replaceAll(id, "(id)")) as ApiResult;

/** Describes, for a failing test, the attempts whose answers distinguish a hidden ID from one that was never issued. */
export function toldApart(attempts: readonly Attempt[]): string[] {
  return attempts
    .filter(({ answer, never }) => comparable(answer, []) !== comparable(never, []))
    .map(
      ({ field, path, id, answer, never }) =>
        `${field} ${path}=${id}: ${comparable(answer, [])} but never issued: ${comparable(never, [])}`,
    );
}

/** Describes the attempts that were not refused as required. An ID of the wrong type is always BAD_USER_INPUT. */
export function wronglyAnswered(attempts: readonly Attempt[], refusal: Refusal, fits: (id: string) => boolean): string[] {
  return attempts
    .filter((attempt) => !isRefused(attempt, fits(attempt.id) ? refusal : "input"))
    .map(({ field, path, id, answer }) => `${field} ${path}=${id}: ${JSON.stringify(answer)}`);
}

function isRefused({ answer, path }: Attempt, refusal: Refusal): boolean {
  const [code, ...more] = codesOf(answer);
  const problems = (answer.errors ?? []).flatMap(
    ({ extensions }) => (extensions?.["problems"] ?? []) as readonly { readonly path: string }[],
  );
  if (more.length > 0) return false;
  switch (refusal) {
    case "null":
      return (
        (code === undefined || code === "NOT_FOUND") &&
        Object.values(answer.data ?? {})
          .flat()
          .every((value) => value === null)
      );
    case "object":
      return code === "NOT_FOUND";
    case "input":
      // The path of a problem contains the index within a list.
      return (
        code === "BAD_USER_INPUT" && problems.some((problem) => `${problem.path.replaceAll(/\.\d+(?=\.)/g, "")}.`.startsWith(`${path}.`))
      );
    default:
      return refusal satisfies never;
  }
}
