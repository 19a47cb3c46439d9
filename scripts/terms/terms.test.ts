import { expect, test } from "vitest";
import { columnNamesOf, eventTypesOf, identifiersOf, schemaNamesOf, sqlNamesOf } from "./names.ts";
import { retiredTermsIn } from "./words.ts";

const found = (name: string, file = "packages/engine/src/file.ts"): string[] => retiredTermsIn(name, file).map(({ term }) => term);

test.each([
  ["standInId", "stand in"],
  ["STAND_IN", "stand in"],
  ["stand_in_id", "stand in"],
  ["packages/engine/src/store/stand-in.ts", "stand in"],
  ["MoveBatches", "move batches"],
  ["taskRemarks", "remarks"],
  ["MAX_FLIGHTS", "flights"],
  ["JoinVerdict", "verdict"],
  ["normaliseLoginName", "normalise"],
  ["lostMoves", "moves"],
  ["WORKFLOW_CANCELED", "canceled"],
  ["run.canceled", "canceled"],
])("%s is found", (name, term) => {
  expect(found(name)).toEqual([term]);
});

test.each(["substituteId", "inFlight", "operationsInFlight", "understanding", "nextTick", "removeMember", "moveVendorAccess", "settled"])(
  "%s is not found",
  (name) => {
    expect(found(name)).toEqual([]);
  },
);

test("a word that means something else in a file is not found there", () => {
  expect(found("family", "gateway/src/http/requests/client-address.ts")).toEqual([]);
  expect(found("family")).toEqual(["family"]);
});

test("comments and texts are not names", () => {
  expect([...identifiersOf("file.ts", 'export const names = "remark"; // verdict')]).toEqual(["names"]);
  expect([...sqlNamesOf("select id -- remark\n from tasks where kind = 'REMARK'")]).not.toContain("REMARK");
  expect([...schemaNamesOf('"""A remark."""\ntype Task { id: ID! }')]).toEqual(["type", "Task", "id", "ID"]);
});

test("tables and columns in code are names", () => {
  expect([...columnNamesOf('table("task_remarks", { note: text("note") })')]).toEqual(["task_remarks", "note"]);
});

test("types of events are names", () => {
  expect([...eventTypesOf('events: { "run.canceled": { visibility: "subject" } }, note: "A run was canceled."')]).toEqual(["run.canceled"]);
});
