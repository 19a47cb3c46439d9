import { requests as tables } from "@weft/drizzle";
import { BadUserInput, mapDatabaseError, quote, type Tx } from "@weft/shared";
import { eq, inArray } from "drizzle-orm";

const { requestTypes } = tables;

export type RequestTypeRow = typeof requestTypes.$inferSelect;
export type NewRequestType = typeof requestTypes.$inferInsert;

export const selectRequestTypes = (tx: Tx) => tx.select().from(requestTypes).$dynamic();

export const findRequestTypes = (tx: Tx, ids: readonly string[]): Promise<RequestTypeRow[]> =>
  selectRequestTypes(tx).where(inArray(requestTypes.id, [...ids]));

export async function findRequestTypeByKey(tx: Tx, key: string): Promise<RequestTypeRow | null> {
  const [row] = await selectRequestTypes(tx).where(eq(requestTypes.key, key));
  return row ?? null;
}

export async function insertRequestType(tx: Tx, values: NewRequestType): Promise<RequestTypeRow> {
  try {
    const [row] = await tx.insert(requestTypes).values(values).returning();
    if (row === undefined) throw new Error("The inserted request type was not returned.");
    return row;
  } catch (error) {
    throw mapDatabaseError(error, {
      request_types_key_key: () => new BadUserInput([{ path: "input.key", message: `There is a request type ${quote(values.key)} already; choose another key.` }]),
      request_types_number_prefix_key: () =>
        new BadUserInput([{ path: "input.numberPrefix", message: `Another request type numbers with ${quote(values.numberPrefix)}; choose another prefix.` }]),
    });
  }
}
