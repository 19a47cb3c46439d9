import type { Sql } from "@weft/pg-driver";
import type { Fixture } from "../isolation/fixture.js";
import type { MaintenanceTenant } from "../tenants/maintenance-tenant.js";
import type { TestUser } from "../test-user.js";
import type { TestWeft } from "../test-weft.js";

/** Environment of the cases. */
export interface Stage {
  readonly weft: TestWeft;
  readonly acme: MaintenanceTenant;
  /** The tenant of the walks, for cases with their inputs. */
  readonly fixture: Fixture;
  /** Operator of the platform. */
  readonly operator: TestUser;
  /** Database connection that bypasses all rules. */
  readonly owner: Sql;
}

export type Input = Readonly<Record<string, unknown>>;

/** A mutation that takes an idempotency key. */
export interface IdempotencyCase {
  readonly who: (stage: Stage) => TestUser | Promise<TestUser>;
  /** Selection that distinguishes one result from another. */
  readonly selection: string;
  /** Returns a valid input for a new object, and a different input, for the same object if the mutation takes one. */
  readonly inputs: (stage: Stage, actor: TestUser) => Promise<{ readonly input: Input; readonly other: Input }>;
}

/** Cases by mutation name. */
export type IdempotencyCases = Readonly<Record<string, IdempotencyCase>>;

let made = 0;
/** Returns a name that is unique within the run. */
export const fresh = (prefix: string): string => `${prefix}${++made}`;
