import { identity } from "@weft/drizzle";
import { getTableColumns } from "drizzle-orm";

const { passwordHash: _secret, ...columns } = getTableColumns(identity.users);

/** Columns of a user, without the password hash. */
export const userColumns = columns;

/** A user without the password hash, as read by everything except the login. */
export type UserRow = Omit<typeof identity.users.$inferSelect, "passwordHash">;
