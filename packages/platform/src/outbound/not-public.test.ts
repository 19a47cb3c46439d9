import ipaddr from "ipaddr.js";
import { expect, test } from "vitest";
import { isPublic, notPublic } from "./not-public.js";

test.each(["93.184.216.34", "8.8.8.8", "168.63.129.17", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:810::200e"])(
  "%s is public",
  (address) => {
    expect(isPublic(address)).toBe(true);
  },
);

test.each([
  "168.63.129.16",
  "100.100.100.200",
  "169.254.169.254",
  "192.0.0.192",
  "192.80.8.124",
  "161.26.0.10",
  "166.9.1.1",
  "::",
  "::1",
  "::127.0.0.1",
  "::10.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:0:10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b:1::10.0.0.1",
  "2002:a00:1::",
  "2001:0:a00:1::",
  "fd00:ec2::254",
  "fd20:ce::254",
  "fd00:42::42",
  "fe80::a9fe:a9fe",
  "fec0::1",
  "ff02::1",
  "5f00::1",
  "not an address",
])("%s is not public", (address) => {
  expect(isPublic(address)).toBe(false);
});

test("each range has a source, and what the library of addresses takes for special is in the table", () => {
  expect(notPublic.filter(([, what]) => !/RFC \d+|reserved|https:\/\//.test(what))).toEqual([]);
  // A range is a base and a length; some names have several ranges.
  const rangesOf = (kind: unknown): object => (kind as { readonly SpecialRanges: object }).SpecialRanges;
  const parts = [ipaddr.IPv4.prototype, ipaddr.IPv6.prototype].flatMap((kind) => Object.values(rangesOf(kind)) as unknown[]);
  const bases = parts.flat(3).flatMap((part) => (part instanceof ipaddr.IPv4 || part instanceof ipaddr.IPv6 ? [part.toString()] : []));
  expect(bases.length).toBeGreaterThan(10);
  expect(bases.filter(isPublic)).toEqual([]);
});
