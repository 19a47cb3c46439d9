import { msg } from "@lingui/core/macro";
import type { TaskQueue } from "../gql/graphql";

/** The lists of the inbox, by their names in the address. */
export const queues = {
  all: { queue: "OFFERED_TO_ME", count: "offeredToMe", title: msg`For me`, empty: msg`There is nothing to do for you.` },
  claimed: { queue: "MINE", count: "mine", title: msg`Claimed`, empty: msg`You have claimed no tasks.` },
  team: { queue: "TEAM", count: "team", title: msg`My teams`, empty: msg`Your teams have no tasks.` },
  unassigned: { queue: "UNASSIGNED", count: "unassigned", title: msg`Unassigned`, empty: msg`Somebody works on every task.` },
  overdue: { queue: "OVERDUE", count: "overdue", title: msg`Overdue`, empty: msg`Nothing is overdue.` },
} as const satisfies Record<string, { readonly queue: TaskQueue; readonly [more: string]: unknown }>;

export type QueueName = keyof typeof queues;

export const queueNames = Object.keys(queues) as readonly QueueName[];

export const isQueue = (name: unknown): name is QueueName => typeof name === "string" && name in queues;
