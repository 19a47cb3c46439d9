import { encodeId, newId } from "@weft/shared/ids";
import { expect, test } from "vitest";
import { idsWithin } from "./answers.js";
import type { Fixture } from "./fixture.js";

const request = encodeId("request", newId());
const user = encodeId("user", newId());
const fixture = {
  ids: new Map([
    ["request", [request]],
    ["user", [user]],
  ] as const),
} as unknown as Fixture;

test("finds the IDs of a tenant in an answer, each once, and not those that were sent", () => {
  const answer = { data: { node: { id: request, owner: { id: user } }, again: [request], other: encodeId("request", newId()) } };
  expect(idsWithin(answer, fixture)).toEqual([request, user]);
  expect(idsWithin(answer, fixture, [request])).toEqual([user]);
});

test("finds an ID that stands within a longer word, or without its prefix", () => {
  const suffix = user.slice(4);
  expect(idsWithin({ link: `/files/abc${suffix}xyz` }, fixture)).toEqual([user]);
  expect(idsWithin([suffix], fixture)).toEqual([user]);
  expect(idsWithin([suffix.slice(1)], fixture)).toEqual([]);
});

test("refuses IDs that it could not find", () => {
  expect(() => idsWithin({}, { ids: new Map([["request", ["req_TOO-SHORT"]]]) } as unknown as Fixture)).toThrow(/not the suffix of an ID/);
});
