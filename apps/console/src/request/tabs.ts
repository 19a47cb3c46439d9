import type { RequestTimelineKind } from "../gql/graphql";

const tabNames = ["comments", "history", "files"] as const;
export type TabName = (typeof tabNames)[number];

export const isTab = (name: unknown): name is TabName => tabNames.some((one) => one === name);

export const kinds = [
  "TRANSITION",
  "ASSIGNMENT",
  "CHANGE",
  "COMMENT",
  "FILE",
  "SLA",
  "ESCALATION",
  "CONVERSION",
] as const satisfies readonly RequestTimelineKind[];

export const isKind = (name: unknown): name is RequestTimelineKind => kinds.some((one) => one === name);
