import type { IdType } from "@weft/shared";
import type { TestUser } from "../../test-user.js";
import type { World } from "../world.js";

/**
 * What an id of somebody else's, or one that was never issued, is answered with. `object`: what is acted on, NOT_FOUND. `input`: what is named inside,
 * BAD_USER_INPUT. `null`: a place of the answer is null, without an error.
 */
export type Refusal = "object" | "input" | "null";

export interface MutationCase {
  /** Who may do it; the administrator when absent. */
  readonly as?: "operations" | "requester";
  /** Done by the administrator of a tenant of its own, which it ends. */
  readonly inOwnTenant?: true;
  /** Done in a session of its own, which it ends. */
  readonly inOwnSession?: true;
  /** Done by an operator of the platform tenant; everybody else is refused, whatever the ids. */
  readonly byOperator?: true;
  /** A valid input of one's own. What it needs is made by `actor` when that is his, else by the administrator. */
  readonly input: (world: World, actor: TestUser) => Promise<Record<string, unknown>>;
  /** Every path below `input` at which an id stands. */
  readonly ids: Readonly<Record<string, Exclude<Refusal, "null">>>;
}

export interface LookupCase {
  /** An id of one's own that is answered. */
  readonly own: (world: World) => unknown;
  readonly refusal: Refusal;
  /** No other thing of its type would do: everybody is asked about this one. */
  readonly isOnly?: true;
  /** What else the field needs, when that depends on who asks. */
  readonly with?: (actor: TestUser, world: World) => Record<string, unknown>;
}

/** What the walks try of one topic. Every operation, id argument and filter of ids stands in exactly one. */
export interface Cases {
  /** By the name of the mutation. */
  readonly mutations?: Readonly<Record<string, MutationCase>>;
  /** Every id argument of queries and subscriptions, as `field.argument`. */
  readonly lookups?: Readonly<Record<string, LookupCase>>;
  /** What kinds of ids each field of a filter takes, as `query.filter.field`; each of its operators is tried with them. */
  readonly filters?: Readonly<Record<string, readonly IdType[]>>;
  /** Other arguments that a query needs to succeed. */
  readonly queryArguments?: Readonly<Record<string, Record<string, unknown>>>;
}

/** The first of that type in the world; any other would do as well. */
export const byType = (type: IdType): LookupCase => ({ own: ({ ids }) => ids.get(type)?.[0], refusal: "object" });
