import { expect, test } from "vitest";
import { Unauthenticated } from "@weft/shared/errors";
import { aCall, aViewer } from "@weft/shared/testing";
import { callVerifier, maxSkewMs, signCall } from "./signed-call.js";

const key = Buffer.alloc(32, 1);
const body = '{"query":"{ me { id } }"}';
const now = 1_800_000_000_000;
const call = aCall(aViewer({ permissions: { "user.read": ["TENANT"] }, userType: "VENDOR" }));
const sign = (changes: object = {}, at = now) => signCall(key, { ...call, subgraph: "identity", body, ...changes }, at);
const verifier = (at = now) => callVerifier({ key, subgraph: "identity", now: () => at });

/** Replaces a part of a call that is signed otherwise: 0 the claims, 1 the viewer, 2 the signature. */
const withPart = (part: number, text: string): string => sign().split(".").with(part, Buffer.from(text).toString("base64url")).join(".");

test("a signed call yields the context that the gateway sent, for a user and for an anonymous caller", () => {
  expect(verifier()(sign(), body)).toEqual(call);
  expect(verifier()(sign({ viewer: null }), body)).toEqual({ ...call, viewer: null });
  expect(verifier()(sign({ livePosition: 7 }), body)).toEqual({ ...call, livePosition: 7 });
  const longest = "7345678901234567890:4294967295:1790000000000000:18446744073709551615:18446744073709551615:99999999";
  expect(verifier()(sign({ minPosition: longest }), body)).toEqual({ ...call, minPosition: longest });
  const causeId = "0190a5d2-0000-7000-8000-000000000000";
  expect(verifier()(sign({ causeId }), body)).toEqual({ ...call, causeId });
});

test.each([
  ["without a signature", undefined, body],
  ["with an empty signature", "", body],
  ["with several headers", [sign(), sign()], body],
  ["with a different body", sign(), `${body} `],
  ["intended for another subgraph", sign({ subgraph: "audit" }), body],
  ["signed with another key", signCall(Buffer.alloc(32, 2), { ...call, subgraph: "identity", body }, now), body],
  ["that has expired", sign({}, now - maxSkewMs - 1), body],
  ["issued in the future", sign({}, now + maxSkewMs + 1), body],
  ["with edited claims", withPart(0, JSON.stringify({ subgraph: "identity" })), body],
  ["with the viewer of another call", withPart(1, JSON.stringify(aViewer({ userType: "OPERATOR" }))), body],
  ["without its viewer", withPart(1, ""), body],
  ["with a truncated signature", withPart(2, ""), body],
  ["with another part", `${sign()}.more`, body],
  ["with forged headers", JSON.stringify(call), body],
])("a call %s is UNAUTHENTICATED", (_what, header, sent) => {
  expect(() => verifier()(header, sent)).toThrow(Unauthenticated);
});

test("an intercepted call cannot be reused while its signature is valid", () => {
  let at = now;
  const verify = callVerifier({ key, subgraph: "identity", now: () => at });
  const early = sign();
  verify(early, body);
  const late = sign({}, now + maxSkewMs);
  verify(late, body);
  for (; at <= now + 2 * maxSkewMs; at += 500) {
    expect(() => verify(early, body)).toThrow(Unauthenticated);
    expect(() => verify(late, body)).toThrow(Unauthenticated);
    verify(sign({}, at), body);
  }
});

test("each attempt has its own signature", () => {
  expect(sign()).not.toBe(sign());
});

test("a changed viewer is never answered with the one of an earlier call", () => {
  const verify = verifier();
  const before = aViewer({ permissions: { "user.read": ["TENANT"] } });
  const after = { ...before, permissions: {}, rightsVersion: "2" };
  for (const viewer of [before, after, null, before]) expect(verify(sign({ viewer }), body).viewer).toEqual(viewer);
});

test("a viewer that is known from an earlier call is not accepted with the signature of another call", () => {
  const verify = verifier();
  const viewers = [aViewer({ userType: "OPERATOR" }), aViewer({ userType: "VENDOR" }), null];
  for (const viewer of viewers) expect(verify(sign({ viewer }), body).viewer).toEqual(viewer);
  for (const [index, viewer] of viewers.entries()) {
    const other = sign({ viewer: viewers.at(index - 1) }).split(".")[1] ?? "";
    expect(() => verify(sign({ viewer }).split(".").with(1, other).join("."), body)).toThrow(Unauthenticated);
  }
});
