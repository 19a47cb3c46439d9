/** PostgreSQL could not be prepared, started, or stopped. The message says what to do. Nothing was left half done. */
export class PostgresStartError extends Error {
  override readonly name = "PostgresStartError";
}
