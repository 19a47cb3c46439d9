import type { IdType } from "@weft/shared";
import type { ApiError } from "@weft/standalone";
import type { TestUser } from "../../test-user.js";
import type { World } from "../world.js";
import type { RandomSource } from "./random-source.js";

/** What a way of reading is given to look at. */
export interface Looked {
  readonly world: World;
  /** Every id of the tenant, by type, those of the random people and their work included. */
  readonly ids: ReadonlyMap<IdType, readonly string[]>;
  /** What somebody sees by `nodes`: what all ways are held against. */
  readonly visible: (user: TestUser) => Promise<ReadonlySet<string>>;
  /** Of what somebody sees, his own roles, teams and tenant, for which he needs no permission: ways that ask for one do not show them. */
  readonly shownAsOwn: (user: TestUser) => Promise<ReadonlySet<string>>;
  /** Whether two people work for the same vendor: the database shows them to one another. */
  readonly areColleagues: (one: string, other: string) => boolean;
  /** A cursor of the tenant's events. */
  readonly cursorAt: (position: number) => string;
  /** Of the tenant's last event. */
  readonly head: number;
  readonly random: RandomSource;
}

/** What somebody has seen. */
export interface Seen {
  readonly ids: Iterable<string>;
  /** What this way could have shown to somebody who sees everything; every object of its types when absent. */
  readonly among?: Iterable<string>;
  /** How many the API said there are in all. */
  readonly count?: number;
}

/** One way in which the API shows objects. It shows to somebody those of them that he sees by any other. */
export interface WayOfReading {
  readonly name: string;
  readonly types: readonly IdType[];
  /** The fields of the API that it reads by, as `Query.requests` or `Asset.building`. */
  readonly fields: readonly string[];
  /** Null: this person may not ask so at all. */
  readonly seen: (user: TestUser, looked: Looked) => Promise<Seen | null>;
}

export const idsOf = ({ ids }: Looked, types: readonly IdType[]): string[] => types.flatMap((type) => ids.get(type) ?? []);

/** Root fields that one operation may have. Of mutations the first that is refused ends the operation. */
const atOnce = { query: 20, mutation: 1 } as const;

/**
 * Asks a root field for each value by itself, under aliases, and gives the values for which it answered so.
 *
 * @throws Error for any refusal but NOT_FOUND and FORBIDDEN
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
    /** The field with its arguments and selection, for a variable's name. */
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
