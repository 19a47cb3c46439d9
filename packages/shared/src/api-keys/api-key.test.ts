import { expect, test } from "vitest";
import { newId } from "../ids/uuid-v7.js";
import { isAllowedAddress, networkOfText } from "./allowed-addresses.js";
import { newApiKey, readApiKey } from "./api-key-text.js";

const ref = { tenantId: newId(), id: newId() };

test("a key names its tenant and row, has 256 random bits, and is one word", () => {
  const { text, secretHash, hint } = newApiKey(ref);
  expect(readApiKey(text)).toEqual({ ...ref, secretHash });
  expect(text).toMatch(/^weft_[0-9A-Za-z]{92}$/);
  expect(text.endsWith(hint)).toBe(true);
  expect(newApiKey(ref).secretHash).not.toBe(secretHash);
});

test("a key with one changed character has the wrong checksum", () => {
  const { text } = newApiKey(ref);
  for (let at = 5; at < text.length; at++) {
    const other = text[at] === "0" ? "1" : "0";
    expect(readApiKey(text.slice(0, at) + other + text.slice(at + 1))).toBeNull();
  }
});

test.each([
  "",
  "weft_",
  "weft_abc",
  "eyJhbGciOiJub25lIn0.e30.",
  "WEFT_" + "0".repeat(92),
  "weft_" + "z".repeat(92),
  "weft_" + "0".repeat(10_000),
])("%j is not a key", (text) => {
  expect(readApiKey(text)).toBeNull();
});

test("a secret has another hash with another key or tenant", () => {
  const secret = new Uint8Array(32);
  const hashes = [ref, { ...ref, tenantId: newId() }, { ...ref, id: newId() }].map((each) => newApiKey(each, secret).secretHash);
  expect(new Set(hashes).size).toBe(3);
  expect(newApiKey(ref, secret).secretHash).toBe(hashes[0]);
});

test("networks are written in one form, and other texts are refused", () => {
  expect(networkOfText(" 192.0.2.0/24 ")).toBe("192.0.2.0/24");
  expect(networkOfText("192.0.2.7")).toBe("192.0.2.7/32");
  expect(networkOfText("2001:DB8::/32")).toBe("2001:db8::/32");
  expect(networkOfText("::1")).toBe("::1/128");
  expect(networkOfText("::ffff:192.0.2.0/120")).toBe("192.0.2.0/24");
  for (const text of [
    "",
    "192.0.2.1/24",
    "192.0.2.0/33",
    "10.1",
    "0300.0.2.1",
    "2001:db8::1/32",
    "::/129",
    "192.0.2.0/24/24",
    "192.0.2.0/ 8",
    "fe80::1%eth0",
    "host",
  ])
    expect(networkOfText(text), text).toBeNull();
});

test("addresses are compared with networks of their kind, also if IPv4 arrives as IPv6", () => {
  const networks = ["192.0.2.0/24", "2001:db8::/32"];
  for (const inside of ["192.0.2.1", "::ffff:192.0.2.255", "2001:db8:1::1"]) expect(isAllowedAddress(inside, networks), inside).toBe(true);
  for (const outside of ["192.0.3.1", "::ffff:198.51.100.1", "2001:db9::1", "not an address", null])
    expect(isAllowedAddress(outside, networks), String(outside)).toBe(false);
  expect(isAllowedAddress(null, [])).toBe(true);
  expect(isAllowedAddress("192.0.2.1", ["::/0"])).toBe(false);
});
