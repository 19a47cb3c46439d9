import { randomBytes } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { expect, it } from "vitest";
import { type ChallengeUse, issueChallenge, readChallenge } from "./challenge.js";

const key = randomBytes(32);
const ids = { tenantId: newId(), userId: newId(), id: newId() };
const now = 1_800_000_000;
const issued = (use: ChallengeUse) => Buffer.from(issueChallenge(key, use, now)).toString("base64url");

it("a challenge is valid for five minutes, only in the installation that issued it, and unchanged", () => {
  const use = { purpose: "REGISTRATION", ...ids } as const;
  const text = issued(use);
  expect(readChallenge(key, use, text, now + 300)).toMatchObject({ expiresAtSeconds: now + 300 });
  expect(readChallenge(key, use, text, now + 301)).toBeNull();
  expect(readChallenge(randomBytes(32), use, text, now)).toBeNull();
  for (let index = 0; index < text.length; index += 5) {
    const changed = text.slice(0, index) + (text[index] === "A" ? "B" : "A") + text.slice(index + 1);
    expect(readChallenge(key, use, changed, now)).toBeNull();
  }
  for (const other of ["", "A", `${text}A`, `${text}=`, `${text}\n`]) expect(readChallenge(key, use, other, now)).toBeNull();
});

it("a challenge is valid only for what it was issued for", () => {
  const uses: ChallengeUse[] = [
    { purpose: "LOGIN" },
    ...(["REGISTRATION", "SESSION", "SECOND_FACTOR"] as const).flatMap((purpose) => [
      { purpose, ...ids },
      { purpose, ...ids, tenantId: newId() },
      { purpose, ...ids, userId: newId() },
      { purpose, ...ids, id: newId() },
    ]),
  ];
  for (const use of uses)
    for (const other of uses)
      expect(readChallenge(key, other, issued(use), now) !== null, JSON.stringify([use, other])).toBe(use === other);
});

it("no two challenges are the same", () => {
  expect(issued({ purpose: "LOGIN" })).not.toBe(issued({ purpose: "LOGIN" }));
});
