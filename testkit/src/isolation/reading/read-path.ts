import type { LiveLog } from "@weft/api/live";
import type { IdType } from "@weft/shared/ids";
import type { ApiError } from "@weft/standalone";
import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";
import type { RandomSource } from "../../random-source.js";

/** Data that the read paths are tested with. */
export interface Looked {
  readonly fixture: Fixture;
  /** All IDs of the tenant, by type, including those of the random users and their work. */
  readonly ids: ReadonlyMap<IdType, readonly string[]>;
  /**
   * Returns the objects that a user sees through `nodes`, the files that these objects and the user's exports show, and the user's files that are not
   * attached. All read paths are compared with it.
   */
  readonly visible: (user: TestUser) => Promise<ReadonlySet<string>>;
  /**
   * Returns the user's own roles, teams and tenant if the user sees them without a permission. Read paths that require a permission do not show them.
   */
  readonly shownAsOwn: (user: TestUser) => Promise<ReadonlySet<string>>;
  /** Returns whether two users work for the same vendor. The database shows such users to each other. */
  readonly areColleagues: (one: string, other: string) => boolean;
  /** What subscriptions follow: its cursors, and the position of the last item. */
  readonly logs: Readonly<Record<LiveLog, { readonly cursorAt: (position: number) => string; readonly head: number }>>;
  readonly random: RandomSource;
}

/**
 * Returns a function that asks each question once per tenant. The tenant is at rest while its read paths are compared, so the same question has one
 * answer. Questions with the same key are the same; by default the question is its own key.
 */
export function askedOnce<Question, T>(
  ask: (question: Question, looked: Looked) => Promise<T>,
  keyOf: (question: Question) => unknown = (question) => question,
): (question: Question, looked: Looked) => Promise<T> {
  const known = new WeakMap<Looked, Map<unknown, Promise<T>>>();
  return (question, looked) => {
    const answers = known.get(looked) ?? new Map<unknown, Promise<T>>();
    known.set(looked, answers);
    const answer = answers.get(keyOf(question)) ?? ask(question, looked);
    answers.set(keyOf(question), answer);
    return answer;
  };
}

/** Objects that a user saw. */
export interface Seen {
  readonly ids: Iterable<string>;
  /** Objects that this read path could show to a user with full access. Default: all objects of its types. */
  readonly among?: Iterable<string>;
  /** Total number of objects according to the API. */
  readonly count?: number;
}

/** A path through which the API shows objects. It shows a user exactly those of its objects that other paths show. */
export interface ReadPath {
  readonly name: string;
  readonly types: readonly IdType[];
  /** API fields that it reads, as `Query.requests` or `Asset.building`. */
  readonly fields: readonly string[];
  /** Returns the objects that a user sees. Null if the user cannot use this path at all. */
  readonly seen: (user: TestUser, looked: Looked) => Promise<Seen | null>;
}

export const idsOf = ({ ids }: Looked, types: readonly IdType[]): string[] => types.flatMap((type) => ids.get(type) ?? []);

/** Number of root fields per operation. The first refused mutation ends an operation. */
const atOnce = { query: 20, mutation: 1 } as const;

/** The answer of a root field for one value. */
export interface Answered {
  readonly value: string;
  readonly answer: unknown;
  readonly error: ApiError | undefined;
}

export type IsSeen = (answer: unknown, error: ApiError | undefined) => boolean;

interface RootFieldQuery {
  readonly type?: string;
  readonly kind?: "query" | "mutation";
  /** Returns the field with its arguments and selection, for the name of a variable. */
  readonly field: (variable: string) => string;
}

/** Queries a root field for each value separately, using aliases. */
export async function answersFor(
  user: TestUser,
  values: readonly string[],
  { type = "ID!", kind = "query", field }: RootFieldQuery,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  for (let start = 0; start < values.length; start += atOnce[kind]) {
    const batch = values.slice(start, start + atOnce[kind]);
    const names = batch.map((_, index) => `v${index}`);
    const query = `${kind} (${names.map((name) => `$${name}: ${type}`).join(", ")}) { ${names.map((name) => `${name}: ${field(`$${name}`)}`).join(" ")} }`;
    const { data, errors = [] } = await user.send(query, Object.fromEntries(names.map((name, index) => [name, batch[index]])));
    const refusals = new Map(errors.map((error) => [String(error.path?.[0]), error]));
    for (const [index, value] of batch.entries()) {
      const name = `v${index}`;
      answers.push({ value, answer: (data as Record<string, unknown> | null)?.[name] ?? null, error: refusals.get(name) });
    }
  }
  return answers;
}

/**
 * Returns the values whose answer satisfies `isSeen`.
 *
 * @throws Error for any refusal other than NOT_FOUND and FORBIDDEN
 */
export function seenIn(answers: readonly Answered[], isSeen: IsSeen, field: string): string[] {
  const seen: string[] = [];
  for (const { value, answer, error } of answers) {
    const code = error?.extensions?.code;
    if (isSeen(answer, error)) seen.push(value);
    else if (code !== undefined && code !== "NOT_FOUND" && code !== "FORBIDDEN")
      throw new Error(`${field} of ${value} was answered with ${JSON.stringify(error)}`);
  }
  return seen;
}

/** Queries a root field for each value separately, and returns the values whose answer satisfies `isSeen`. */
export async function askForEach(
  user: TestUser,
  values: readonly string[],
  { isSeen = (answer) => answer !== null, ...query }: RootFieldQuery & { readonly isSeen?: IsSeen },
): Promise<string[]> {
  return seenIn(await answersFor(user, values, query), isSeen, query.field("$id"));
}
