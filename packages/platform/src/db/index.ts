export { afterCommit } from "./after-commit.js";
export { alone, type Executes } from "./alone.js";
export { asTenant } from "./as-tenant.js";
export { beganAt } from "./began-at.js";
export { connectionRefusal } from "./checks/connection-refusal.js";
export { tablesOf, withColumns } from "./columns.js";
export type { Database, Databases, TenantContext, TransactionOptions, Tx } from "./database.js";
export { dueInTrueTime } from "./due-in-true-time.js";
export { dueRows, type DueTenants } from "./due-tenants.js";
export {
  databaseFaultOf,
  isConnectionLoss,
  isInFailedTransaction,
  isRefusedByPolicy,
  isRefusedValue,
  isRetryable,
  isTimeout,
  isUnavailable,
  mapDatabaseError,
} from "./errors.js";
export { exclusively } from "./exclusive.js";
export { inOtherTenant } from "./in-other-tenant.js";
export { executeLast } from "./last-statement.js";
export { among, amongAny, amongLocked, arrayOf, named, planForValues, planWithIndexes } from "./named.js";
export { openConfiguredDatabases } from "./open-configured.js";
export { openDatabases, problemsOfDatabases } from "./open.js";
export { atVersion, changedMeanwhile, countRows, insertedRow, nextVersion, writtenRow } from "./rows.js";
export { showDeleted, withDeleted } from "./show-deleted.js";
export { withTrace } from "./trace.js";
