import { createLogger } from "@weft/platform/logging";
import { expect, test } from "vitest";
import { createOriginCheck, originRefusal } from "./origins.js";

const own = "127.0.0.1:4000";

/** Returns the check of a mode, and the lines that it logs. */
function checkOf(mode: "demo" | "production", corsOrigins: readonly string[] = []) {
  const lines: string[] = [];
  const log = createLogger({ logLevel: "warn" }, { write: (line: string) => void lines.push(line) });
  const check = createOriginCheck({ mode, corsOrigins, cookieOrigins: [] }, log);
  return { isAllowed: (origin: string) => check(origin, own), lines };
}

test.each([
  "http://localhost:5173",
  "https://localhost:3000",
  "http://localhost",
  "http://app.localhost:8080",
  "http://127.0.0.1:5500",
  "http://[::1]:3000",
  "https://studio.apollographql.com",
])("in demo mode pages of %s can call", (origin) => expect(checkOf("demo").isAllowed(origin)).toBe(true));

test.each([
  "null",
  "file://",
  "http://localhost.evil.example",
  "http://evil-localhost:3000",
  "http://localhost@evil.example",
  "http://127.0.0.1.nip.io",
  "http://127.0.0.2:3000",
  "http://192.168.1.20:3000",
  "https://evil.example/http://localhost",
  "chrome-extension://localhost",
])("in demo mode pages of %s cannot call", (origin) => expect(checkOf("demo").isAllowed(origin)).toBe(false));

test("in production only pages of our own host and of configured origins can call", () => {
  const { isAllowed } = checkOf("production", ["https://app.example.com"]);
  expect(["https://app.example.com", `http://${own}`].map(isAllowed)).toEqual([true, true]);
  const others = ["http://localhost:5173", "http://127.0.0.1:5173", "https://studio.apollographql.com", "https://app.example.com:8443"];
  expect(others.map(isAllowed)).toEqual([false, false, false, false]);
});

test("each refused origin is logged once, with the setting that would allow it; a flood of origins is not", () => {
  const { isAllowed, lines } = checkOf("production");
  for (let round = 0; round < 3; round++) isAllowed("https://app.example.com");
  expect(lines).toEqual([expect.stringContaining("WEFT_CORS_ORIGINS=https://app.example.com")]);
  for (let name = 0; name < 1_000; name++) isAllowed(`https://n${name}.example`);
  expect(lines.length).toBeLessThan(100);
});

test("the refusal reports the origin and the solution, and has different text for a page without an origin", () => {
  expect(originRefusal("https://app.example.com")).toMatch(
    /"https:\/\/app\.example\.com" are not allowed .*WEFT_CORS_ORIGINS=https:\/\/app\.example\.com/,
  );
  expect(originRefusal("null")).toContain("Serve the page over http: or https:");
});
