/** Incidents of runs and their steps. */
import type { Tx } from "@weft/platform/db";
import type { WriteMeta } from "@weft/platform/events";
import { storableText } from "../../core/model/values.js";
import { openIncident } from "../incidents/incidents.js";
import { causedBy } from "./cause.js";
import { flushWrites } from "./held-writes.js";
import type { LockedRun, RunRow } from "./runs.store.js";

/** Stops the instance until somebody decides about the step. An instance that is suspended or has another incident is stopped later. */
export async function openStepIncident(tx: Tx, meta: WriteMeta, row: LockedRun, step: string, message: string): Promise<void> {
  await flushWrites(tx);
  await openIncident(tx, causedBy(meta, row), row.instanceId, {
    kind: "JOB",
    message: storableText(message, 1000),
    place: stepPlace(row, step),
  });
}

/** How incidents name a run. */
export const runPlace = ({ state }: Pick<RunRow, "state">): string => `states.${state}.run`;

/** How incidents name a step. */
const stepPlace = (run: Pick<RunRow, "state">, step: string): string => `${runPlace(run)}.${step}`;
