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

test("an answer to the session before, which comes late, takes nothing from the next one", () => {
  const writes = new OwnWrites();
  writes.extensions("a", true);
  writes.extensions("b", true);
  writes.received("b", answered("2"), 0);
  writes.received("a", answered("1"), 0);
  expect(writes.extensions("b", false)).toEqual({ consistency: { after: ["2"] } });
});

test("each request whose tokens the server refuses is sent again, and only these tokens are forgotten", () => {
  const writes = new OwnWrites();
  const sentAt = performance.now() - 1;
  writes.received("a", answered("1"), sentAt);
  const sent = writes.extensions("a", false);
  writes.received("a", answered("2"), sentAt);
  expect(writes.areRefused([{ extensions: { problems: [{ path: "input.name", message: "is empty" }] } }], sent)).toBe(false);
  for (let request = 0; request < 2; request++) expect(writes.areRefused([refusal], sent)).toBe(true);
  expect(writes.extensions("a", false)).toEqual({ consistency: { after: ["2"] } });
  expect(writes.areRefused([refusal], undefined)).toBe(false);
});
