import { expect, test } from "vitest";
import { OwnWrites } from "./own-writes.js";

const answered = (token: string): { consistency: { token: string } } => ({ consistency: { token } });
const refusal = { extensions: { problems: [{ path: "extensions.consistency.after", message: "is not valid" }] } };

test("requests before the first write say nothing, and mutations ask for a token", () => {
  const writes = new OwnWrites();
  expect(writes.extensions("a", false)).toBeUndefined();
  expect(writes.extensions("a", true)).toEqual({ consistency: { returnToken: true } });
});

test("a token stands for those that were received before its mutation was sent", () => {
  const writes = new OwnWrites();
  writes.received("a", answered("1"), performance.now() - 1);
  writes.received("a", answered("2"), performance.now() + 1);
  expect(writes.extensions("a", false)).toEqual({ consistency: { after: ["2"] } });
  expect(writes.extensions("a", true)).toEqual({ consistency: { after: ["2"], returnToken: true } });
});

test("tokens of mutations that ran at the same time are all sent, because their answers can arrive in any order", () => {
  const writes = new OwnWrites();
  const sentAt = performance.now() - 1;
  writes.received("a", answered("newer"), sentAt);
  writes.received("a", answered("older"), sentAt);
  expect(writes.extensions("a", false)).toEqual({ consistency: { after: ["newer", "older"] } });
});

test("an answer without a token changes nothing", () => {
  const writes = new OwnWrites();
  writes.received("a", answered("1"), 0);
  writes.received("a", undefined, performance.now() + 1);
  writes.received("a", { consistency: null }, performance.now() + 1);
  expect(writes.extensions("a", false)).toEqual({ consistency: { after: ["1"] } });
});

test("what one session has written is not sent by the next one", () => {
  const writes = new OwnWrites();
  writes.received("a", answered("1"), 0);
  expect(writes.extensions("b", false)).toBeUndefined();
  expect(writes.extensions("a", false)).toBeUndefined();
});

test("tokens that the server refuses are forgotten, once", () => {
  const writes = new OwnWrites();
  writes.received("a", answered("1"), 0);
  expect(writes.areRefused([{ extensions: { problems: [{ path: "input.name", message: "is empty" }] } }])).toBe(false);
  expect(writes.areRefused([refusal])).toBe(true);
  expect(writes.extensions("a", false)).toBeUndefined();
  expect(writes.areRefused([refusal])).toBe(false);
});
