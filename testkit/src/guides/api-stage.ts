import type { TestTenant } from "../test-tenant.js";
import type { TestWeft } from "../test-weft.js";

/** What the reader of a page has. */
export interface ApiStage {
  readonly weft: TestWeft;
  /** The tenant of the page, which its steps share. */
  readonly tenant: TestTenant;
}
