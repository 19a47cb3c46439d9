import { TransitionRejected } from "@weft/shared/errors";
import type { Tx } from "@weft/platform/db";
import type { Context } from "@weft/api/context";
import { findRequestsWithIds } from "../requests/request-reader.service.js";
import { findOpenBlockers } from "./link.store.js";

/**
 * Names the requests that have to end before this one is closed: those that block it, and its children, as with Jira's blocking condition for
 * sub-tasks. The database enforces the rule on every other path (trigger `requests_unblocked`); it cannot say which of them the viewer sees.
 * @throws TransitionRejected with the numbers of those that the viewer can see
 */
export async function assertUnblocked(tx: Tx, ctx: Context, request: { readonly id: string; readonly number: string }): Promise<void> {
  const open = await findOpenBlockers(tx, request.id);
  if (open.length === 0) return;
  const numbers = (await findRequestsWithIds(tx, ctx, open)).map(({ number }) => number).toSorted();
  const others = open.length - numbers.length;
  const all = [...numbers, ...(others > 0 ? [`${others} that you cannot see`] : [])].join(", ");
  const [them, links] = open.length === 1 ? ["it", "link"] : ["them", "links"];
  const message = `The request ${request.number} waits for ${all}. Close or cancel ${them} first, or remove the ${links}.`;
  throw new TransitionRejected([{ code: "blocked", message }]);
}
