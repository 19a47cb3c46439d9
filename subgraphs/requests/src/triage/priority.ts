import type { EffectiveConfig } from "@weft/platform/configuration";
import { Priority } from "@weft/api/inputs";
import { RequestLevel } from "./triage.type.js";

/** What determines the priority of a request. */
export interface Weights {
  readonly impact: RequestLevel | null;
  readonly urgency: RequestLevel | null;
  /** Set by a user. */
  readonly setPriority: Priority | null;
}

/** What the organization and the request type say about priorities. */
interface Priorities {
  readonly matrix: EffectiveConfig["requests"]["priorityMatrix"];
  readonly defaultPriority: Priority;
}

/** Returns the priority that a user has set, otherwise that of the matrix, or the default of the request type if impact or urgency is unknown. */
export function priorityOf({ impact, urgency, setPriority }: Weights, { matrix, defaultPriority }: Priorities): Priority {
  if (setPriority !== null) return setPriority;
  if (impact === null || urgency === null) return defaultPriority;
  return Priority[matrix[levelName(impact)][levelName(urgency)]];
}

const levelName = (level: RequestLevel) => RequestLevel[level] as keyof typeof RequestLevel;
