import type { IdType } from "@weft/shared";
import type { ApiError } from "@weft/standalone";
import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";
import type { RandomSource } from "../../random-source.js";

/** Data that the read paths are tested with. */
export interface Looked {
  readonly fixture: Fixture;
  /** All IDs of the tenant, by type, including those of the random users and their work. */
  readonly ids: ReadonlyMap<IdType, readonly string[]>;
  /** Returns the objects that a user sees through `nodes`. All read paths are compared with it. */
  readonly visible: (user: TestUser) => Promise<ReadonlySet<string>>;
  /**
   * Returns the user's own roles, teams and tenant if the user sees them without a permission. Read paths that require a permission do not show them.
   */
  readonly shownAsOwn: (user: TestUser) => Promise<ReadonlySet<string>>;
  /** Returns whether two users work for the same vendor. The database shows such users to each other. */
  readonly areColleagues: (one: string, other: string) => boolean;
  /** Returns a cursor of the tenant's events. */
  readonly cursorAt: (position: number) => string;
  /** Position of the tenant's last event. */
  readonly head: number;
  readonly random: RandomSource;
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

/**
 * Queries a root field for each value separately, using aliases, and returns the values for which the answer satisfies `isSeen`.
 *
 * @throws Error for any refusal other than NOT_FOUND and FORBIDDEN
 */
export async function askForEach(
  user: TestUser,
  values: readonly string[],
  {
    type = "ID!",
    kind = "query",
    field,
    isSeen = (answer) => answer !== null,
  }: {
    readonly type?: string;
    readonly kind?: "query" | "mutation";
    /** Returns the field with its arguments and selection, for the name of a variable. */
    readonly field: (variable: string) => string;
    readonly isSeen?: (answer: unknown, error: ApiError | undefined) => boolean;
  },
): Promise<string[]> {
  const seen: string[] = [];
  for (let start = 0; start < values.length; start += atOnce[kind]) {
    const batch = values.slice(start, start + atOnce[kind]);
    const names = batch.map((_, index) => `v${index}`);
    const query = `${kind} (${names.map((name) => `$${name}: ${type}`).join(", ")}) { ${names.map((name) => `${name}: ${field(`$${name}`)}`).join(" ")} }`;
    const { data, errors = [] } = await user.send(query, Object.fromEntries(names.map((name, index) => [name, batch[index]])));
    const refusals = new Map(errors.map((error) => [String(error.path?.[0]), error]));
    for (const [index, value] of batch.entries()) {
      const name = `v${index}`;
      const refusal = refusals.get(name);
      const code = refusal?.extensions?.code;
      if (isSeen((data as Record<string, unknown> | null)?.[name] ?? null, refusal)) seen.push(value);
      else if (code !== undefined && code !== "NOT_FOUND" && code !== "FORBIDDEN")
        throw new Error(`${field("$id")} of ${value} was answered with ${JSON.stringify(refusal)}`);
    }
  }
  return seen;
}
