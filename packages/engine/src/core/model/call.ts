import type { Json } from "./json.js";

/** How a call of an integration has ended. It is not tried again after a failure. */
export type CallEnd = { readonly isDone: true; readonly result: Json } | { readonly isDone: false; readonly error: string };

/**
 * What has become of a call of an instance in memory. PENDING: it has no result. WAITING: its result has arrived, but the instance has an incident. DONE:
 * the result, or the transition of its failure, has had its effect. SKIPPED: it came too late, or nothing was to be done. FAILED: it has stopped the
 * instance.
 */
export type CallOutcome = "PENDING" | "WAITING" | "DONE" | "SKIPPED" | "FAILED";

/** Name of a call in scenarios, such as `crm.request`. Keys of integrations contain no dots. */
export const callName = ({ integration, action }: { readonly integration: string; readonly action: string }): string =>
  `${integration}.${action}`;

/** What the result of a call does to the instance: the path in the data that it is written to, and the transitions that success and failure fire. */
export type CallFollowUp = {
  readonly into: readonly string[] | null;
  readonly onSuccess: string | null;
  readonly onFailure: string | null;
};
