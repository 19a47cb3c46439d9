import { Conflict, quote } from "@weft/shared/errors";

/**
 * Refuses to delete an object about which workflows run.
 * @param object its kind, `project` or `contract`, and its code or number
 * @throws Conflict, with `dependents.runningWorkflows`
 */
export function assertNoneRuns({ kind, code }: { readonly kind: string; readonly code: string }, runningWorkflows: number): void {
  if (runningWorkflows === 0) return;
  const what = runningWorkflows === 1 ? "1 running workflow" : `${runningWorkflows} running workflows`;
  throw new Conflict(`The ${kind} ${quote(code)} cannot be deleted while it has ${what}. Cancel what is running first.`, {
    dependents: { runningWorkflows },
  });
}
