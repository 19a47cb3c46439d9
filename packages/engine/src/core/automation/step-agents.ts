/** The agents that work on steps, as far as their keys are known before a run. */
import type { Machine } from "../model/machine.js";
import { textOf, worksOfSteps } from "./step-works.js";

/** Returns the keys, each once. */
export const agentsOfSteps = (machine: Machine): readonly string[] => [
  ...new Set(worksOfSteps(machine).flatMap(({ work }) => (work.type === "agent" ? (textOf(work.with, "agent") ?? []) : []))),
];
