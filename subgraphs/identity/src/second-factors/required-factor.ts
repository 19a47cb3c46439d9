import { hasFactor, requiresFactor } from "@weft/platform/rights";
import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";

/** Whether a user must have a second factor and has none, so a session can do nothing but enrol one. */
export const mustEnrol = (userId: string, required: { readonly byTenant: boolean }): SQL<boolean> =>
  sql<boolean>`(${requiresFactor(userId, required)} and not ${hasFactor(userId)})`;
