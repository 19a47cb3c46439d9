import { expect, test } from "vitest";
import { ServiceUnavailable } from "@weft/shared/errors";
import { RetryLog } from "./retry-log.js";

function logging(): { log: RetryLog; lines: [string, object, string][]; pass: (ms: number) => void } {
  const lines: [string, object, string][] = [];
  let now = 0;
  const at =
    (level: string) =>
    (facts: object, message: string): void =>
      void lines.push([level, facts, message]);
  const log = new RetryLog({ info: at("info"), error: at("error") }, () => now);
  return { log, lines, pass: (ms) => void (now += ms) };
}
const busy = new ServiceUnavailable("database", new Error("No connection became free within 2000 ms."));

test("a database that is busy is one line without a stack, however often the work is retried meanwhile", () => {
  const { log, lines, pass } = logging();
  for (let attempt = 0; attempt < 20; attempt++) {
    log.failed("relay", busy, {}, "the relay waits");
    pass(1_000);
  }
  expect(lines).toEqual([["info", { reason: "No connection became free within 2000 ms." }, "the relay waits"]]);
});

test("a lack of the database that lasts is an error, also for one of several works", () => {
  const { log, lines, pass } = logging();
  log.failed("a", busy, {}, "sealing waits");
  pass(20_000);
  log.failed("b", busy, {}, "sealing waits");
  log.worked("b");
  pass(10_000);
  log.failed("a", busy, { tenantId: "a" }, "sealing waits");
  log.failed("b", busy, {}, "sealing waits");
  expect(lines.map(([level]) => level)).toEqual(["info", "info", "error", "info"]);
  expect(lines[2]?.[1]).toEqual({ tenantId: "a", err: busy });
});

test("a failure that is not for lack of the database is an error at once", () => {
  const { log, lines } = logging();
  const bug = new TypeError("x is undefined");
  log.failed("relay", bug, {}, "the relay failed");
  expect(lines).toEqual([["error", { err: bug }, "the relay failed"]]);
});
