import type { SnapshotTask } from "../model/snapshot.js";

/** Names of rules in definitions contain no colon, so those of steps are distinct. */
const PREFIX = "step:";

/** The rule of the tasks that a step opens. Items of a list have an index in their ID, so each has its own task. */
export const ruleOfStep = (step: string): string => `${PREFIX}${step}`;

/** Whether a step of a run has opened the task, and not a state. */
export const isOfStep = ({ rule }: Pick<SnapshotTask, "rule">): boolean => rule.startsWith(PREFIX);
