import type { Sql } from "postgres";
import type { MaintenanceTenant } from "../maintenance-tenant.js";
import type { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";

/** What the cases play on. */
export interface Stage {
  readonly weft: TestWeft;
  readonly acme: MaintenanceTenant;
  /** Of the platform. */
  readonly operator: TestUser;
  /** The database behind all rules. */
  readonly owner: Sql;
}

type Input = Readonly<Record<string, unknown>>;

/** A mutation that takes an idempotency key. */
export interface IdempotencyCase {
  readonly who: (stage: Stage) => TestUser;
  /** Selects what tells one result from another. */
  readonly selection: string;
  /** A valid input on something of its own, and another one on the same thing. */
  readonly inputs: (stage: Stage) => Promise<{ readonly input: Input; readonly other: Input }>;
}

/** By the name of the mutation. */
export type IdempotencyCases = Readonly<Record<string, IdempotencyCase>>;

let made = 0;
/** Unique within the run. */
export const fresh = (prefix: string): string => `${prefix}${++made}`;
