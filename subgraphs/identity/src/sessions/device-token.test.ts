import { randomBytes } from "node:crypto";
import { newId } from "@weft/shared/ids";
import { expect, it } from "vitest";
import { issueDeviceToken, newDeviceId, readDeviceToken } from "./device-token.js";

const key = randomBytes(32);
const device = { tenantId: newId(), userId: newId(), deviceId: newDeviceId() };
const day = 24 * 3600;

it("a device token is valid for half a year, only in the installation that issued it, and unchanged", () => {
  const now = 1_800_000_000;
  const token = issueDeviceToken(key, device, now);
  expect(readDeviceToken(key, token, now + 180 * day)).toEqual(device);
  expect(readDeviceToken(key, token, now + 180 * day + 1)).toBeNull();
  expect(readDeviceToken(randomBytes(32), token, now)).toBeNull();
  for (let index = 0; index < token.length; index += 7) {
    const changed = token.slice(0, index) + (token[index] === "A" ? "B" : "A") + token.slice(index + 1);
    expect(readDeviceToken(key, changed, now)).toBeNull();
  }
});
