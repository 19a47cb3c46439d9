import { msg } from "@lingui/core/macro";

export type Stage = "draft" | "sent" | "working" | "confirm" | "paused" | "done" | "ended";

/** Stages in plain words, whatever the workflow calls its states. */
export const stageTitles = {
  draft: msg`Not sent yet`,
  sent: msg`Sent`,
  working: msg`In progress`,
  confirm: msg`Please confirm`,
  paused: msg`On hold`,
  done: msg`Done`,
  ended: msg`Ended`,
} as const;

export interface Staged {
  readonly status: string;
  readonly closedAt: string | null;
  readonly assignee: unknown;
  readonly type: { readonly submitTransition: string; readonly closeTransition: string | null } | null;
  readonly workflow: { readonly availableTransitions: readonly { readonly name: string; readonly allowed: boolean }[] } | null;
}

/** Where a request is, as its requester would say it. */
export function stageOf({ status, closedAt, assignee, type, workflow }: Staged): Stage {
  if (status === "COMPLETED" || (status === "RUNNING" && closedAt !== null)) return "done";
  if (status === "SUSPENDED") return "paused";
  if (status !== "RUNNING") return "ended";
  const transitions = workflow?.availableTransitions ?? [];
  if (transitions.some(({ name }) => name === type?.submitTransition)) return "draft";
  if (transitions.some(({ name, allowed }) => allowed && name === type?.closeTransition)) return "confirm";
  return assignee ? "working" : "sent";
}
