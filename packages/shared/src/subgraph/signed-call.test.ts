import { expect, test } from "vitest";
import { Unauthenticated } from "../errors/errors.js";
import { aCall, aViewer } from "../testing/fixtures.js";
import { callVerifier, maxSkewMs, signCall } from "./signed-call.js";

const key = Buffer.alloc(32, 1);
const body = '{"query":"{ me { id } }"}';
const now = 1_800_000_000_000;
const call = aCall(aViewer({ permissions: { "user.read": ["TENANT"] }, userType: "VENDOR" }));
const sign = (changes: object = {}, at = now) => signCall(key, { ...call, subgraph: "identity", body, ...changes }, at);
const verifier = (at = now) => callVerifier({ key, subgraph: "identity", now: () => at });

test("a signed call gives the context that the gateway meant, of somebody and of nobody", () => {
  expect(verifier()(sign(), body)).toEqual(call);
  expect(verifier()(sign({ viewer: null }), body)).toEqual({ ...call, viewer: null });
  expect(verifier()(sign({ livePosition: 7 }), body)).toEqual({ ...call, livePosition: 7 });
});

test.each([
  ["without a signature", undefined, body],
  ["with an empty one", "", body],
  ["with several headers", [sign(), sign()], body],
  ["with another body", sign(), `${body} `],
  ["meant for another subgraph", sign({ subgraph: "audit" }), body],
  ["signed with another key", signCall(Buffer.alloc(32, 2), { ...call, subgraph: "identity", body }, now), body],
  ["that expired", sign({}, now - maxSkewMs - 1), body],
  ["of the future", sign({}, now + maxSkewMs + 1), body],
  ["with edited claims", `${Buffer.from(JSON.stringify({ subgraph: "identity" })).toString("base64url")}.${sign().split(".")[1]}`, body],
  ["with the signature cut off", `${sign().split(".")[0]}.`, body],
  ["with made-up headers", JSON.stringify(call), body],
])("a call %s is UNAUTHENTICATED", (_what, header, sent) => {
  expect(() => verifier()(header, sent)).toThrow(Unauthenticated);
});

test("a call that was overheard is good for nothing, for as long as its signature lives", () => {
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

test("each attempt has a signature of its own", () => {
  expect(sign()).not.toBe(sign());
});
