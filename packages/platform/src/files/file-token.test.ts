import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { type FileClaims, issueFileToken, readFileToken } from "./file-token.js";

const key = randomBytes(32);
const claims: FileClaims = {
  purpose: "download",
  tenantId: newId(),
  userId: newId(),
  sessionId: newId(),
  fileId: newId(),
  expiresAt: 1_900_000_000,
};

test("a token carries its claims", () => {
  for (const purpose of ["upload", "download", "view", "smallPreview", "mediumPreview", "largePreview"] as const) {
    expect(readFileToken(key, issueFileToken(key, { ...claims, purpose }))).toEqual({ ...claims, purpose });
  }
});

test("no character of a token can be changed, and no other key reads it", () => {
  const token = issueFileToken(key, claims);
  for (let at = 0; at < token.length; at++) {
    const other = token[at] === "A" ? "B" : "A";
    expect(readFileToken(key, token.slice(0, at) + other + token.slice(at + 1)), `character ${at}`).toBeNull();
  }
  expect(readFileToken(randomBytes(32), token)).toBeNull();
  for (const text of ["", token.slice(1), `${token}A`, `${token.slice(0, -1)}=`]) expect(readFileToken(key, text)).toBeNull();
});
