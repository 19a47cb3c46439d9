import { describe, expect, it } from "vitest";
import { loginNameHash } from "../login-name.js";
import { hashPassword, passwordProblems, verifyPassword } from "./password.js";

const cost = { memoryKib: 64, passes: 1 };

describe("passwords", () => {
  it("match only their own hash, and never a missing one", async () => {
    const passwordHash = await hashPassword("correct horse battery", cost);
    expect(passwordHash).toMatch(/^\$argon2id\$/);
    expect(await verifyPassword(passwordHash, { password: "correct horse battery" }, cost)).toBe(true);
    expect(await verifyPassword(passwordHash, { password: "correct horse batterY" }, cost)).toBe(false);
    expect(await verifyPassword(null, { password: "correct horse battery" }, cost)).toBe(false);
  });

  it("can be typed in any Unicode form", async () => {
    const composed = "caf\u00e9-au-lait";
    const decomposed = "cafe\u0301-au-lait";
    expect(await verifyPassword(await hashPassword(composed, cost), { password: decomposed }, cost)).toBe(true);
  });

  it("of a megabyte are refused before any hashing", async () => {
    const passwordHash = await hashPassword("correct horse battery", cost);
    expect(await verifyPassword(passwordHash, { password: "a".repeat(1_000_000) }, cost)).toBe(false);
    expect(await passwordProblems("a".repeat(1_000_000), "input.password", "production")).toEqual([
      { path: "input.password", message: "The password is longer than 256 characters." },
    ]);
    await expect(hashPassword("a".repeat(257), cost)).rejects.toThrow(RangeError);
  });

  it("that are short or common are refused with the reason", async () => {
    expect((await passwordProblems("short", "input.password", "production"))[0]?.message).toBe(
      "The password must have at least 8 characters.",
    );
    expect((await passwordProblems("PassWord123", "input.password", "production"))[0]?.message).toContain("most common");
    for (const common of ["michelle1", "Football1", "qwertyuiop", "summer2025", "\uff50assword1"])
      expect(await passwordProblems(common, "input.password", "production"), common).toMatchObject([
        { message: "This password is one of the most common ones. Choose another." },
      ]);
    expect(await passwordProblems("correct horse battery", "input.password", "production")).toEqual([]);
  });
});

describe("login names", () => {
  it("are compared regardless of case, surrounding spaces and Unicode form", () => {
    expect(loginNameHash("  Ada@Example.com ")).toBe(loginNameHash("ada@example.com"));
    expect(loginNameHash("ad\uff41@example.com")).toBe(loginNameHash("ada@example.com"));
    expect(loginNameHash("ada@example.com")).not.toBe(loginNameHash("ada@example.org"));
  });
});
