import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newId } from "@weft/shared/ids";
import { bounceAddress, findBounceAddress, readBounceLocalPart } from "./bounce-address.js";

const secret = randomBytes(32);
const config = { from: "Weft <weft@x.example>", publicUrl: "https://x.example", bounces: { domain: "mail.x.example" } };

test("an address for reports fits into a local part, and is read in any case", () => {
  for (let index = 0; index < 100; index++) {
    const ref = { tenantId: newId(), id: newId() };
    const [local = "", domain] = bounceAddress(config, secret, ref)?.split("@") ?? [];
    expect([local.length, domain]).toEqual([63, "mail.x.example"]);
    expect([readBounceLocalPart(secret, local), readBounceLocalPart(secret, local.toUpperCase())]).toEqual([ref, ref]);
  }
});

test("an address with one other character, another length, or of another installation is not valid", () => {
  const [local = ""] = bounceAddress(config, secret, { tenantId: newId(), id: newId() })?.split("@") ?? [];
  for (let at = 0; at < local.length; at++)
    expect(readBounceLocalPart(secret, local.slice(0, at) + (local.charAt(at) === "a" ? "b" : "a") + local.slice(at + 1))).toBeNull();
  for (const wrong of ["", "b+", local.slice(0, -1), `${local}a`]) expect(readBounceLocalPart(secret, wrong)).toBeNull();
  expect(readBounceLocalPart(randomBytes(32), local)).toBeNull();
});

test("an address is found among the headers of an email that came back, unless it is of another domain", () => {
  const ref = { tenantId: newId(), id: newId() };
  const address = bounceAddress(config, secret, ref) ?? "";
  const forged = address.replace(/@.*/, "@evil.example");
  expect(findBounceAddress(config, secret, `Return-Path: <${address.toUpperCase()}>\r\nTo: a@x.example`)).toEqual(ref);
  expect(findBounceAddress(config, secret, `Original-Mail-From: ${forged}\nReturn-Path: ${address}`)).toEqual(ref);
  expect(findBounceAddress(config, secret, `Return-Path: ${forged}`)).toBeNull();
});

test("an installation that receives no reports has no addresses for them", () => {
  const { bounces: _bounces, ...silent } = config;
  const ref = { tenantId: newId(), id: newId() };
  expect(bounceAddress(silent, secret, ref)).toBeUndefined();
  expect(findBounceAddress(silent, secret, bounceAddress(config, secret, ref) ?? "")).toBeNull();
});
