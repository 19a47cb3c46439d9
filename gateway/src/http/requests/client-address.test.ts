import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { createClientAddress } from "./client-address.js";

const requestFrom = (remoteAddress: string, forwardedFor?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor },
  }) as unknown as IncomingMessage;

test.each([
  ["192.0.2.7", "203.0.113.9", "192.0.2.7"],
  ["10.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["::ffff:10.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"],
  ["10.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"],
  ["fd00::5", "2001:db8::1", "2001:db8::1"],
  ["10.0.0.1", "nonsense", "10.0.0.1"],
  ["10.0.0.1", undefined, "10.0.0.1"],
])("a request from %s that was forwarded for %s has the address %s", (peer, forwardedFor, address) => {
  expect(createClientAddress(["10.0.0.0/8", "::1", "fd00::/8"])(requestFrom(peer, forwardedFor))).toBe(address);
});

test("without trusted proxies, the client is the peer", () => {
  expect(createClientAddress([])(requestFrom("127.0.0.1", "203.0.113.9"))).toBe("127.0.0.1");
});
