import { expect, test } from "vitest";
import { inState, machineOf, max, now, rita } from "../fixtures/small.js";
import type { Machine } from "../machine.js";
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

/** Codes of what is in the way of the instance, in the state before the vote, or in it before anybody has voted. */
const problems = (
  to: Machine,
  { from = twoOfThree, state = "draft", mapping }: { from?: Machine; state?: string; mapping?: MappingSource } = {},
) => {
  const read = readMapping(mapping, from, to);
  expect(read.problems).toEqual([]);
  const snapshot = { ...inState(state, { data: { members: [] } }), openTasks: [] };
  const verdict = migrate({ from, to, mapping: read.mapping }, snapshot, { actor: rita, now, definitionId: "new" });
  return verdict.fits ? [] : verdict.problems.filter(({ code }) => code === "WEAKER_RULES").map(({ message }) => message);
};

test("the same votes, more of them, and another name for their state fit", () => {
  expect(problems(twoOfThree)).toEqual([]);
  expect(problems(poll({ decide: "approve: 3, otherwise: again" }))).toEqual([]);
  expect(problems(poll({ decide: "approve: all, otherwise: again" }))).toEqual([]);
  expect(problems(poll({ board: "council" }), { mapping: { states: [{ from: "board", to: "council" }] } })).toEqual([]);
  const list = poll({ tasks: "for: data.members", decide: "approve: all, otherwise: again" });
  expect(problems(list, { from: list })).toEqual([]);
});

test.each([
  ["one vote in place of two", twoOfThree, poll({ decide: "approve: 1, otherwise: again" })],
  ["two in place of three", poll({ decide: "approve: 3, otherwise: again" }), twoOfThree],
  [
    "all of two in place of all of three",
    poll({ decide: "approve: all, otherwise: again" }),
    poll({ tasks: "count: 2", decide: "approve: all, otherwise: again" }),
  ],
  ["several votes of one person", twoOfThree, poll({ decide: "approve: 2, otherwise: again, repeat: true" })],
  ["another transition to the same state, which one person fires", twoOfThree, poll({ more: ", rush: { to: done }" })],
  ["a number in place of all of a list", poll({ tasks: "for: data.members", decide: "approve: all, otherwise: again" }), twoOfThree],
])("%s is weaker, on the way to the vote and before anybody has voted", (_what, from, to) => {
  for (const state of ["draft", "board"]) expect(problems(to, { from, state })).not.toEqual([]);
});

test("the problem says for what fewer suffice, and that whoever took part cannot accept it", () => {
  const [message] = problems(poll({ decide: "approve: 1, otherwise: again" }));
  expect(message).toMatch(
    /^By the old version 2 have to vote for "approve" in "board"; by the new one one person suffices for the same\. You took part/,
  );
});

test("somebody who took no part accepts it with a reason", () => {
  const to = poll({ decide: "approve: 1, otherwise: again" });
  const snapshot = { ...inState("draft", { data: { members: [] } }), openTasks: [] };
  const { mapping } = readMapping(undefined, twoOfThree, to);
  const request = { now, definitionId: "new", acceptWeakerRules: "The board has shrunk" };
  expect(migrate({ from: twoOfThree, to, mapping }, snapshot, { ...request, actor: max }).fits).toBe(true);
  expect(migrate({ from: twoOfThree, to, mapping }, snapshot, { ...request, actor: rita }).fits).toBe(false);
});
