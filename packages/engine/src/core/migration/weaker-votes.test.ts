import { expect, test } from "vitest";
import { inState, machineOf, max, now, rita } from "../fixtures/small.js";
import type { Machine } from "../model/machine.js";
import { readMapping, type MappingSource } from "./mapping.js";
import { migrate } from "./plan.js";

type Poll = { readonly tasks?: string; readonly decide?: string; readonly more?: string; readonly board?: string };
const poll = ({ tasks = "count: 3", decide = "approve: 2, otherwise: again", more = "", board = "board" }: Poll = {}): Machine =>
  machineOf(`weft: 1
key: poll
name: Poll
data: { properties: { members: { type: array, items: { type: string } } } }
initial: draft
states:
  draft: { transitions: { submit: { to: ${board} } } }
  ${board}:
    task: { title: Vote, ${tasks}${tasks.includes("for") ? "" : ", candidates: { roles: [member] }"} }
    decide: { ${decide} }
    transitions: { approve: { to: done }, again: { to: draft }${more} }
  done: { final: completed }
`);
const twoOfThree = poll();

/** Returns codes of the problems of the instance in the state before the vote, or in the voting state before anybody has voted. */
const problems = (
  to: Machine,
  { from = twoOfThree, state = "draft", mapping }: { from?: Machine; state?: string; mapping?: MappingSource } = {},
) => {
  const read = readMapping(mapping, from, to);
  expect(read.problems).toEqual([]);
  const snapshot = { ...inState(state, { data: { members: [] } }), openTasks: [], isClosed: false };
  const result = migrate({ from, to, mapping: read.mapping }, snapshot, { actor: rita, now, definitionId: "new" });
  return result.fits ? [] : result.problems.filter(({ code }) => code === "WEAKER_RULES").map(({ message }) => message);
};

test("the same votes, more votes, and another name for their state are compatible", () => {
  expect(problems(twoOfThree)).toEqual([]);
  expect(problems(poll({ decide: "approve: 3, otherwise: again" }))).toEqual([]);
  expect(problems(poll({ decide: "approve: all, otherwise: again" }))).toEqual([]);
  expect(problems(poll({ board: "council" }), { mapping: { states: [{ from: "board", to: "council" }] } })).toEqual([]);
  const list = poll({ tasks: "for: data.members", decide: "approve: all, otherwise: again" });
  expect(problems(list, { from: list })).toEqual([]);
});

test.each([
  ["one required vote instead of two", twoOfThree, poll({ decide: "approve: 1, otherwise: again" })],
  ["two required votes instead of three", poll({ decide: "approve: 3, otherwise: again" }), twoOfThree],
  [
    "all of two votes instead of all of three",
    poll({ decide: "approve: all, otherwise: again" }),
    poll({ tasks: "count: 2", decide: "approve: all, otherwise: again" }),
  ],
  ["several votes by one user", twoOfThree, poll({ decide: "approve: 2, otherwise: again, repeat: true" })],
  ["another transition to the same state that one user can fire", twoOfThree, poll({ more: ", rush: { to: done }" })],
  ["a number instead of all of a list", poll({ tasks: "for: data.members", decide: "approve: all, otherwise: again" }), twoOfThree],
])("%s is weaker, before the vote is reached and before anybody has voted", (_what, from, to) => {
  for (const state of ["draft", "board"]) expect(problems(to, { from, state })).not.toEqual([]);
});

test("the problem says which transition needs fewer votes, and that users who took part cannot accept it", () => {
  const [message] = problems(poll({ decide: "approve: 1, otherwise: again" }));
  expect(message).toMatch(
    /^Under the old version, 2 must vote for "approve" in "board". Under the new version, one user is enough. You took part/,
  );
});

test("a user who took no part can accept it with a reason", () => {
  const to = poll({ decide: "approve: 1, otherwise: again" });
  const snapshot = { ...inState("draft", { data: { members: [] } }), openTasks: [], isClosed: false };
  const { mapping } = readMapping(undefined, twoOfThree, to);
  const request = { now, definitionId: "new", acceptWeakerRules: "The board has shrunk" };
  expect(migrate({ from: twoOfThree, to, mapping }, snapshot, { ...request, actor: max }).fits).toBe(true);
  expect(migrate({ from: twoOfThree, to, mapping }, snapshot, { ...request, actor: rita }).fits).toBe(false);
});
