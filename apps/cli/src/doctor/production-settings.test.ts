import { expect, test } from "vitest";
import { checkProductionSettings } from "./security.js";

test("the check of a demo names the secrets in a Vault-compatible server, which it has not checked for production", () => {
  const env = {
    DATABASE_URL: "postgres://weft_app@db/weft?sslmode=verify-full",
    REDIS_URL_VAULT: "secret/data/weft#redis",
    WEFT_VAULT_URL: "https://vault.example.com",
    WEFT_VAULT_TOKEN_FILE: "/run/vault/token",
  };
  const checks = checkProductionSettings(env, { mode: "demo" });
  expect(checks.map(({ status, message }) => `${status}: ${message}`)).toEqual([
    "ok: Production accepts the settings that are not in the server of WEFT_VAULT_URL.",
    "skipped: Not checked for production: REDIS_URL. Set WEFT_MODE=production to check them.",
  ]);
});
