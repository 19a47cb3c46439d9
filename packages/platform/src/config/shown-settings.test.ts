import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shownSettings } from "./shown-settings.js";

const shown = (env: Record<string, string>, name: string): unknown => shownSettings(env).find((one) => one.name === name);

test("a setting shows where its value is from: the environment before the file, and the file before the default", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-settings-"));
  try {
    const file = join(folder, "weft.config.json");
    writeFileSync(file, JSON.stringify({ PORT: 4100, HOST: "0.0.0.0", WEFT_HOSTS: ["a.example", "b.example"] }));
    const env = { WEFT_CONFIG_FILE: file, PORT: "4200" };
    expect(shown(env, "PORT")).toEqual({ name: "PORT", value: "4200", origin: "environment", file: null });
    expect(shown(env, "HOST")).toEqual({ name: "HOST", value: "0.0.0.0", origin: "file", file });
    expect(shown(env, "WEFT_HOSTS")).toMatchObject({ value: "a.example,b.example" });
    expect(shown(env, "WEFT_MODE")).toEqual({ name: "WEFT_MODE", value: "demo", origin: "default", file: null });
    expect(shown(env, "REDIS_URL")).toMatchObject({ value: null, origin: "default" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["DATABASE_URL", "postgres://weft:hidden@db.example/weft"],
  ["DATABASE_URL", "postgres://db.example/weft?user=weft&password=hidden"],
  ["REDIS_URL", "redis://:hidden@redis.example"],
  ["SMTP_URL", "smtp://user:hidden@[broken"],
  ["WEFT_SMS_TOKEN", "hidden"],
  ["S3_SECRET_ACCESS_KEY", "hidden"],
  ["AUDIT_CHECKPOINTS_URL", "https://audit.example.com/hidden"],
])("the password of %s is not shown: %s", (name, value) => {
  const found = JSON.stringify(shown({ [name]: value }, name));
  expect(found).toContain("***");
  expect(found).not.toContain("hidden");
});
