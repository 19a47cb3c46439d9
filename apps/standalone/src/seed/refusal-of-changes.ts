import { Conflict, RateLimited, type WeftError } from "@weft/shared/errors";
import type { Viewer } from "@weft/shared/viewer";

/** Whether Acme has its history. `coming`: it is being created. `incomplete`: it could not be created, and the next start creates Acme again. */
export type HistoryState = "complete" | "coming" | "incomplete";

/** While Acme's clock is set back, changes of its users would get a date in the past, and be lost if the start is interrupted. */
const notYet = new RateLimited({ retryAfter: 5 }, "Acme's demo data is still being created, with dates in the past.");

/** The next start deletes Acme, so a change would be lost. Repeating the request does not help. */
const failed = new Conflict("Acme's demo data could not be created completely. Restart Weft, which creates Acme again.");

/**
 * Returns why a user cannot change anything now; undefined if they can.
 * @param viewer null: nobody is logged in. A link, a token, or a name of the input says which tenant is meant, and that can be Acme
 */
export function refusalOfChanges(viewer: Pick<Viewer, "tenantSlug"> | null, history: HistoryState): WeftError | undefined {
  if ((viewer !== null && viewer.tenantSlug !== "acme") || history === "complete") return undefined;
  return history === "coming" ? notYet : failed;
}
