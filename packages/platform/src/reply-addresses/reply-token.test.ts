import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { newMailKey } from "../tokens/mail-token.js";
import { readReplyLocalPart, replyLocalPart } from "./reply-token.js";

const secret = randomBytes(32);

test("a reply address fits into a local part, and is read in any case", () => {
  for (let index = 0; index < 100; index++) {
    const ref = { tenantId: newId(), key: newMailKey() };
    const local = replyLocalPart(secret, ref);
    expect(local).toMatch(/^reply\+[a-z2-7]{55}$/);
    expect(readReplyLocalPart(secret, local)).toEqual(ref);
    expect(readReplyLocalPart(secret, local.toUpperCase())).toEqual(ref);
  }
});

test("an address with one other character, another length, or of another installation is not valid", () => {
  const local = replyLocalPart(secret, { tenantId: newId(), key: newMailKey() });
  for (let at = 0; at < local.length; at++) {
    const other = local.charAt(at) === "a" ? "b" : "a";
    expect(readReplyLocalPart(secret, local.slice(0, at) + other + local.slice(at + 1))).toBeNull();
  }
  // The last character has three unused bits.
  const others = "abcdefghijklmnopqrstuvwxyz234567".split("").filter((char) => char !== local.at(-1));
  for (const char of others) expect(readReplyLocalPart(secret, local.slice(0, -1) + char)).toBeNull();
  for (const wrong of ["", "reply+", local.slice(0, -1), `${local}a`, local.replace("reply+", "reply-"), `${local.slice(0, -1)}1`])
    expect(readReplyLocalPart(secret, wrong)).toBeNull();
  expect(readReplyLocalPart(randomBytes(32), local)).toBeNull();
});
