export const overlapPolicies = ["ALLOW", "SKIP", "QUEUE", "CANCEL_OLD"] as const;
export type Overlap = (typeof overlapPolicies)[number];

export const runKinds = ["SCHEDULED", "MANUAL", "BACKFILL"] as const;
export type RunKind = (typeof runKinds)[number];

/**
 * Decides what a run does while earlier runs of its schedule have not ended. Backfilled runs wait for each other, unless runs can overlap: otherwise
 * one of them would be all that is left.
 */
export function whenOverlapping(policy: Overlap, kind: RunKind): "start" | "skip" | "wait" | "cancelOld" {
  switch (policy) {
    case "ALLOW":
      return "start";
    case "QUEUE":
      return "wait";
    case "SKIP":
      return kind === "BACKFILL" ? "wait" : "skip";
    case "CANCEL_OLD":
      return kind === "BACKFILL" ? "wait" : "cancelOld";
    default:
      return policy satisfies never;
  }
}
