import type { IdType } from "@weft/shared";
import type { ApiResult } from "@weft/standalone";
import type { TestUser } from "../test-user.js";
import { isListAt, operationFor, type RootField } from "./api-schema.js";
import { codesOf, comparable } from "./answers.js";
import type { Refusal } from "./cases.js";
import { neverIssued, typeOfId } from "./world.js";

/** A copy of `variables` with `id` at a path. Of `assignee` one member at a time may be given, so it replaces the object that it stands in. */
export function withIdAt(root: RootField, variables: Readonly<Record<string, unknown>>, path: string, id: string): Record<string, unknown> {
  const [name = "", ...rest] = path.split(".");
  const value = isListAt(root, path) ? [id] : id;
  const put = (into: unknown, parts: readonly string[]): unknown => {
    const [part, ...more] = parts;
    if (part === undefined) return value;
    const kept = typeof into === "object" && into !== null && part !== "userId" && !(more.length === 0 && parts !== rest) ? into : {};
    return { ...kept, [part]: put((kept as Record<string, unknown>)[part], more) };
  };
  return { ...variables, [name]: rest.length === 0 ? value : put(variables[name], rest) };
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
      attempts.push({ field: root.name, path, id, never: await answerToUnknown(id), answer: await send(id) });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return attempts;
}

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
    .filter(({ id, answer }) => !isRefused(answer, fits(id) ? refusal : "input"))
    .map(({ field, path, id, answer }) => `${field} ${path}=${id}: ${JSON.stringify(answer)}`);
}

function isRefused(answer: ApiResult, refusal: Refusal): boolean {
  const [code, ...more] = codesOf(answer);
  if (refusal === "null")
    return (
      more.length === 0 &&
      (code === undefined || code === "NOT_FOUND") &&
      Object.values(answer.data ?? {})
        .flat()
        .every((value) => value === null)
    );
  return more.length === 0 && code === (refusal === "object" ? "NOT_FOUND" : "BAD_USER_INPUT");
}
