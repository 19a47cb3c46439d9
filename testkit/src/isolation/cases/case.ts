import type { IdType } from "@weft/shared/ids";
import type { TestUser } from "../../test-user.js";
import type { Fixture } from "../fixture.js";

/**
 * Answer to an ID that belongs to someone else or was never issued. `object`: the object that is acted on, NOT_FOUND. `input`: an ID inside the
 * input, BAD_USER_INPUT. `null`: the field in the answer is null, without an error.
 */
export type Refusal = "object" | "input" | "null";

export interface MutationCase {
  /** User who can run the mutation. Default: the administrator. */
  readonly as?: "operations" | "requester" | "vendorUser";
  /** Run by the administrator of a separate tenant, which the mutation ends. */
  readonly inOwnTenant?: true;
  /** Run in a separate session, which the mutation ends. */
  readonly inOwnSession?: true;
  /** Run by a separate user, because the mutation changes the password and ends other sessions. */
  readonly inOwnLogin?: true;
  /** Run by an operator of the platform tenant. All other users are refused, regardless of the IDs. */
  readonly byOperator?: true;
  /**
   * Returns a valid input with objects of the same tenant. `actor` creates the required objects if the actor must own them; otherwise the
   * administrator does.
   */
  readonly input: (fixture: Fixture, actor: TestUser) => Promise<Record<string, unknown>>;
  /** How each ID is refused, by its path below `input`. */
  readonly ids: Readonly<Record<string, Exclude<Refusal, "null">>>;
  /** Further types of IDs that a path takes. */
  readonly types?: Readonly<Record<string, readonly IdType[]>>;
}

export interface LookupCase {
  /** Returns a valid ID of the same tenant. */
  readonly own: (fixture: Fixture) => unknown;
  readonly refusal: Refusal;
  /** Further types of IDs that the argument takes. */
  readonly types?: readonly IdType[];
  /** There is no substitute of the same type, so every person queries this object. */
  readonly isOnly?: true;
  /** Returns the other arguments of the field, if they depend on the user. */
  readonly with?: (actor: TestUser, fixture: Fixture) => Record<string, unknown>;
}

/** A case as its topic declares it. `ids`: those that are refused in another way than `refusalsOf` returns. */
type DeclaredCase = Omit<MutationCase, "ids"> & Partial<Pick<MutationCase, "ids">>;

/** Cases of one topic for the walks: what does not follow from the schema. Each operation, ID argument and ID filter occurs in at most one topic. */
export interface Cases {
  /** Cases by mutation name. */
  readonly mutations?: Readonly<Record<string, DeclaredCase>>;
  /** ID arguments of queries and subscriptions, as `field.argument`. */
  readonly lookups?: Readonly<Record<string, LookupCase>>;
  /** Types of IDs that each filter field takes, as `query.filter.field`. Each operator of the field is tried with them. */
  readonly filters?: Readonly<Record<string, readonly IdType[]>>;
  /** Other arguments that a query needs to succeed. */
  readonly queryArguments?: Readonly<Record<string, Record<string, unknown>>>;
}

/** Uses the first object of the type in the fixture. Any other object of the type works as well. */
export const byType = (type: IdType): LookupCase => ({ own: ({ ids }) => ids.get(type)?.[0], refusal: "object" });
