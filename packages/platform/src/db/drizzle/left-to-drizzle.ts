import type { Sql } from "@weft/pg-driver";

const json = 114;
const jsonb = 3802;

/** Dates, times and timestamps, with and without a time zone, and arrays of some of them. */
const times = [1082, 1083, 1114, 1184, 1115, 1182, 1185, 1231];

const unchanged = (value: unknown): unknown => value;

/**
 * Makes the driver leave to drizzle how these types are read and written, as `drizzle(client)` does. That function is not used because its module loads the
 * published driver, too.
 */
export function leaveToDrizzle({ options: { parsers, serializers } }: Pick<Sql, "options">): void {
  for (const type of times) parsers[type] = serializers[type] = unchanged;
  serializers[json] = serializers[jsonb] = unchanged;
}
