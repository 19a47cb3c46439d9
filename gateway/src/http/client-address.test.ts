import { expect, test } from "vitest";
import { createClientAddress } from "./client-address.js";

test("the peer is the client, unless it is a trusted proxy; then the last address that is not one", () => {
  const addressOf = createClientAddress(["10.0.0.0/8", "::1", "fd00::/8"]);
  expect(addressOf("192.0.2.7", "203.0.113.9")).toBe("192.0.2.7");
  expect(addressOf("10.0.0.1", "203.0.113.9")).toBe("203.0.113.9");
  expect(addressOf("::ffff:10.0.0.1", "203.0.113.9, 10.1.2.3")).toBe("203.0.113.9");
  expect(addressOf("10.0.0.1", "1.2.3.4, 203.0.113.9")).toBe("203.0.113.9");
  expect(addressOf("fd00::5", ["2001:db8::1"])).toBe("2001:db8::1");
  expect(addressOf("10.0.0.1", "nonsense")).toBe("10.0.0.1");
  expect(addressOf("10.0.0.1", undefined)).toBe("10.0.0.1");
  expect(createClientAddress([])("127.0.0.1", "203.0.113.9")).toBe("127.0.0.1");
});
