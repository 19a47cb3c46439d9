import type { Databases } from "../../db/database.js";
import { doInBatches } from "../../queues/do-in-batches.js";
import { occurrenceSearches, recordDueOccurrences } from "./occurrence.store.js";

/** Rows that one transaction handles. */
const BATCH = 200;

/**
 * The entries about what changed nothing, as a source of due work: the first occurrence of its kind is recorded at once, and what a person repeats within a
 * minute of an entry is in the next one.
 */
export const dueOccurrences = ({ databases }: { readonly databases: Pick<Databases, "app"> }) => ({
  name: "occurrences",
  ...occurrenceSearches,
  run: (tenantId: string, limit: number, signal: AbortSignal): Promise<number> =>
    doInBatches({ db: databases.app, tenantId, limit, batch: BATCH, signal }, recordDueOccurrences),
});
