import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { readReplyLocalPart, replyLocalPart } from "../reply-addresses/reply-token.js";
import { newMailKey } from "../tokens/mail-token.js";
import { readRequestLocalPart, requestLocalPart } from "./request-token.js";

const secret = randomBytes(32);

test("an address for requests fits into a local part, and is read in any case", () => {
  const ref = { tenantId: newId(), key: newMailKey() };
  const local = requestLocalPart(secret, ref);
  expect(local).toMatch(/^request\+[a-z2-7]{55}$/);
  expect(local.length).toBeLessThanOrEqual(64);
  expect(readRequestLocalPart(secret, local.toUpperCase())).toEqual(ref);
});

test("an address for replies is not one for requests, whatever its prefix", () => {
  const ref = { tenantId: newId(), key: newMailKey() };
  const request = requestLocalPart(secret, ref).replace("request+", "reply+");
  const reply = replyLocalPart(secret, ref).replace("reply+", "request+");
  expect([readReplyLocalPart(secret, request), readRequestLocalPart(secret, reply)]).toEqual([null, null]);
  expect(readRequestLocalPart(randomBytes(32), requestLocalPart(secret, ref))).toBeNull();
});
