import { expect, test } from "vitest";
import { createConsoleOriginCheck } from "./console-origin.js";

const publicOrigin = "https://weft.example.com";
const never = (): boolean => false;

test.each([
  ["http://localhost:4000", "localhost:4000"],
  ["http://127.0.0.1:4000", "127.0.0.1:4000"],
  ["http://[::1]:4000", "[::1]:4000"],
  ["http://localhost", "localhost"],
  ["http://192.168.1.20:4000", "192.168.1.20:4000"],
])("in a demo, a page of %s is the console's if it calls its own host", (origin, host) => {
  expect(createConsoleOriginCheck({ mode: "demo", console: "on" })?.(origin, host)).toBe(true);
});

test.each([
  ["another port", "http://localhost:5173", "localhost:4000"],
  ["the standard port", "http://localhost", "localhost:4000"],
  ["another name of the same machine", "http://127.0.0.1:4000", "localhost:4000"],
  ["https", "https://localhost:4000", "localhost:4000"],
  ["a name that was rebound to this server", "http://evil.example:4000", "evil.example:4000"],
  ["a name that begins like localhost", "http://localhost.evil.example:4000", "localhost.evil.example:4000"],
  ["a name that begins like an address", "http://127.0.0.1.nip.io:4000", "127.0.0.1.nip.io:4000"],
  ["a page without an origin", "null", "localhost:4000"],
  ["a host that is not valid", "http://localhost@evil.example", "localhost@evil.example"],
  ["a request without a host", "http://localhost:4000", undefined],
])("in a demo, %s is not", (_what, origin, host) => {
  expect(createConsoleOriginCheck({ mode: "demo", console: "on" })?.(origin, host)).toBe(false);
});

test("a demo with a public URL also has the console there", () => {
  const isConsolePage = createConsoleOriginCheck({ mode: "demo", console: "on", publicOrigin: "http://demo.example.com:8080" }) ?? never;
  expect(isConsolePage("http://demo.example.com:8080", "demo.example.com:8080")).toBe(true);
  expect(isConsolePage("http://127.0.0.1:4000", "127.0.0.1:4000")).toBe(true);
  expect(isConsolePage("http://demo.example.com", "demo.example.com")).toBe(false);
});

test("in production, only pages of the public URL are the console's, and only if it is the host that they call", () => {
  const isConsolePage = createConsoleOriginCheck({ mode: "production", console: "on", publicOrigin }) ?? never;
  expect(isConsolePage(publicOrigin, "weft.example.com")).toBe(true);
  for (const [origin, host] of [
    [publicOrigin, "api.example.com"],
    [publicOrigin, undefined],
    ["http://weft.example.com", "weft.example.com"],
    ["https://weft.example.com:8443", "weft.example.com:8443"],
    ["https://weft.example.com.evil.example", "weft.example.com.evil.example"],
    ["https://other.example.com", "weft.example.com"],
    ["http://localhost:4000", "localhost:4000"],
    ["http://127.0.0.1:4000", "127.0.0.1:4000"],
    ["null", "weft.example.com"],
  ] as const)
    expect([origin, host, isConsolePage(origin, host)]).toEqual([origin, host, false]);
});

test("there is no check if the console is off, or if production has no public URL with https", () => {
  expect(createConsoleOriginCheck({ mode: "demo", console: "off" })).toBeNull();
  expect(createConsoleOriginCheck({ mode: "production", console: "off", publicOrigin })).toBeNull();
  expect(createConsoleOriginCheck({ mode: "production", console: "on" })).toBeNull();
  expect(createConsoleOriginCheck({ mode: "production", console: "on", publicOrigin: "http://weft.example.com" })).toBeNull();
});
