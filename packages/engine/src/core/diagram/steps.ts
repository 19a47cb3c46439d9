/** Decides what a diagram of steps shows: each step, and what it depends on. */
import type { StepGraph } from "../model/automation.js";
import type { StepStatus } from "../model/run.js";
import type { Drawing, Mark } from "./drawing.js";

/** What has become of a step of a run. */
export type DrawnStatus = {
  readonly status: StepStatus;
  /** Number of the items of its list; 0: it has none. */
  readonly items: number;
};

const MARKS: Readonly<Record<StepStatus, readonly [mark: Mark, sign: string]>> = {
  PENDING: ["none", ""],
  READY: ["none", ""],
  RUNNING: ["current", "▶ "],
  WAITING: ["current", "… "],
  SUCCEEDED: ["visited", "✓ "],
  FAILED: ["failed", "✗ "],
  SKIPPED: ["skipped", "– "],
  CANCELLED: ["skipped", "– "],
};

/**
 * Returns the steps of a graph in the order of its text.
 * @param statuses by ID, of a run. Without them, the diagram is of the definition
 * @param reach `all`: every step; `begun`: only those of which something has become
 */
export function drawSteps(
  title: string,
  { steps }: StepGraph,
  statuses: ReadonlyMap<string, DrawnStatus> | null = null,
  reach: "all" | "begun" = "all",
): Drawing {
  const isShown = (id: string): boolean => reach === "all" || !["PENDING", undefined].includes(statuses?.get(id)?.status);
  const shown = [...steps.values()].filter(({ id }) => isShown(id));
  const roots = shown.filter(({ dependsOn }) => dependsOn.length === 0);
  return {
    title,
    isOfInstance: statuses !== null,
    isOfSteps: true,
    states: shown.map(({ id, title: name, each }) => {
      const { status = "PENDING", items = 0 } = statuses?.get(id) ?? {};
      const [mark, sign] = MARKS[status];
      const isRoot = roots.length === 1 && roots[0]?.id === id;
      const list = each ? (items > 0 ? ` ×${items}` : " ×n") : "";
      return { name: id, title: `${sign}${name}${list}`, final: null, isInitial: isRoot, mark };
    }),
    transitions: shown.flatMap(({ id, dependsOn }) =>
      dependsOn.filter(isShown).map((needed) => ({ from: needed, to: id, name: id, title: "", fired: 0, isPlain: true as const })),
    ),
  };
}
