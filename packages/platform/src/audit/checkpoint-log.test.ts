import { expect, test } from "vitest";
import { CheckpointLog } from "./checkpoint-log.js";

test("logs a tenant's first checkpoint immediately, then the newest one at most once a minute, and the remaining ones at the end", () => {
  const told: object[] = [];
  let now = 0;
  const checkpoints = new CheckpointLog({ info: (facts) => void told.push(facts) }, () => now);
  const tell = (at: number): object[] => {
    now = at;
    checkpoints.tell();
    return told.splice(0);
  };
  checkpoints.add("a", "a1");
  checkpoints.add("a", "a2");
  expect(tell(0)).toEqual([{ tenantId: "a", checkpoint: "a2" }]);
  checkpoints.add("a", "a3");
  checkpoints.add("b", "b1");
  expect(tell(59_000)).toEqual([{ tenantId: "b", checkpoint: "b1" }]);
  checkpoints.add("a", "a4");
  expect(tell(60_000)).toEqual([{ tenantId: "a", checkpoint: "a4" }]);
  expect(tell(600_000)).toEqual([]);
  checkpoints.add("b", "b2");
  checkpoints.tell();
  checkpoints.add("b", "b3");
  told.splice(0);
  checkpoints.tellAll();
  expect(told).toEqual([{ tenantId: "b", checkpoint: "b3" }]);
});
