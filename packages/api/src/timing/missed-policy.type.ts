import "reflect-metadata";
import { registerEnumType } from "type-graphql";
import type { MissedRuns } from "./missed.js";

export enum MissedRunPolicy {
  SKIP = "SKIP",
  RUN_ONCE = "RUN_ONCE",
  RUN_ALL = "RUN_ALL",
}
registerEnumType(MissedRunPolicy, {
  name: "MissedRunPolicy",
  description: "What happens with runs that could not start within a minute of their time, for example during an outage.",
  valuesConfig: {
    SKIP: { description: "They are recorded as missed. `backfillSchedule` can start those of a schedule later." },
    RUN_ONCE: { description: "The last one starts. The others are recorded as missed." },
    RUN_ALL: { description: "All of them start, oldest first." },
  } satisfies Record<MissedRuns, { description: string }>,
});
