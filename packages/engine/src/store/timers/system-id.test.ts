import { SYSTEM_ID } from "@weft/platform/events";
import { expect, test } from "vitest";
import { SYSTEM_ID as ID_IN_CORE } from "../../core/timers/system-actor.js";

test("the system of the core, which imports nothing, is the author of background work", () => {
  expect(ID_IN_CORE).toBe(SYSTEM_ID);
});
