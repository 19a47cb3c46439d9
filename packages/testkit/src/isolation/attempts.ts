import type { IdType } from "@weft/shared";
import type { ApiResult } from "@weft/standalone";
import type { TestUser } from "../test-user.js";
import { isListAt, operationFor, type RootField } from "./api-schema.js";
import { codesOf, comparable } from "./answers.js";
import type { Refusal } from "./cases/case.js";
import { neverIssued, typeOfId } from "./world.js";

/** Of these objects one member at a time may be given. */
const exclusive: readonly string[] = ["assignee"];

/** A copy of `variables` with `id` at a path, in a list where a list is wanted. */
export function withIdAt(root: RootField, variables: Readonly<Record<string, unknown>>, path: string, id: string): Record<string, unknown> {
  const value = isListAt(root, path) ? [id] : id;
  const put = (into: unknown, [part = "", ...rest]: readonly string[]): Record<string, unknown> => {
    const kept = typeof into === "object" && into !== null ? (into as Record<string, unknown>) : {};
    if (rest.length === 0) return { ...kept, [part]: value };
    return { ...kept, [part]: put(exclusive.includes(part) ? {} : kept[part], rest) };
  };
  return put(variables, path.split("."));
}

export interface Attempt {
  readonly field: string;
  readonly path: string;
  readonly id: string;
  readonly answer: ApiResult;
  readonly never: ApiResult;
}

/**
 * Sends an operation once per id, and once per type of id with one that was never issued, at most eight at a time.
 * @returns what each was answered with
 */
export async function tryIds(
  user: TestUser,
  root: RootField,
  { path, ids, variables = {} }: { readonly path: string; readonly ids: readonly string[]; readonly variables?: Record<string, unknown> },
): Promise<Attempt[]> {
  const operation = operationFor(root, 0);
  const send = async (id: string) => blind(await user.send(operation, withIdAt(root, variables, path, id)), id);
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
      // Refused for its type, it was not looked for.
      attempts.push({ field: root.name, path, id, answer, never: isOfWrongType(answer) ? answer : await answerToUnknown(id) });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return attempts;
}

const isOfWrongType = ({ errors = [] }: ApiResult): boolean =>
  errors.length === 1 && / is the id of an? \w+; expected /.test(errors[0]?.message ?? "");

/** An id, or the first of a list of ids. */
export function firstOf(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== "string") throw new Error(`${JSON.stringify(value)} holds no id.`);
  return first;
}

/** All of the ids whose type is that of `like`, and one of each other type: those are refused before anybody looks them up. */
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

/** Attempts that told a hidden id from one that was never issued, in words for a failing test. */
export function toldApart(attempts: readonly Attempt[]): string[] {
  return attempts
    .filter(({ answer, never }) => comparable(answer, []) !== comparable(never, []))
    .map(
      ({ field, path, id, answer, never }) =>
        `${field} ${path}=${id}: ${comparable(answer, [])} but never issued: ${comparable(never, [])}`,
    );
}

/** Attempts that were not refused as they must be. An id of a type that does not fit is BAD_USER_INPUT anywhere. */
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
      return code === "BAD_USER_INPUT" && problems.some((problem) => `${problem.path}.`.startsWith(`${path}.`));
    default:
      return refusal satisfies never;
  }
}
