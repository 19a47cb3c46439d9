import { timestamp, uuid } from "drizzle-orm/pg-core";

/** The tenant that owns the row: the first column of every primary, unique and foreign key. */
export const tenantId = () => uuid("tenant_id").notNull();

/** A UUIDv7 made by the application (PostgreSQL 15 has no `uuidv7()`); the API shows it as a TypeID. */
export const id = () => uuid("id").notNull();

/** A point in time; ISO 8601 text on the TypeScript side, so that drizzle and raw SQL agree. */
export const at = (name: string) => timestamp(name, { withTimezone: true, mode: "string" });
