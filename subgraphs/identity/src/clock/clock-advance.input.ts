import { column, columns, createInputOf } from "@weft/api/columns";
import * as identityColumns from "../identity-columns.js";

export const AdvanceClockInput = createInputOf(
  "AdvanceClockInput",
  columns({
    by: column.text("Duration in ISO 8601, for example `P90D` or `PT8H`. Years, months, and days are those of the calendar in UTC.", {
      nullable: true,
    }),
    to: column.time("Time of the sandbox to reach.", { nullable: true }),
    ...identityColumns.idempotencyKey("returns the same advance"),
  }),
  "Input of `advanceClock`: either `by` or `to`.",
);
export type AdvanceClockInput = InstanceType<typeof AdvanceClockInput>;
