import { loadConfig } from "@weft/platform/config";
import { expect, it } from "vitest";
import { relyingPartyOf } from "./prove-passkey.js";

it("an installation whose address is not known has no passkeys, and says what its operator can do", () => {
  const config = (WEFT_PUBLIC_URL: string) => loadConfig({ WEFT_PUBLIC_URL });
  expect(() => relyingPartyOf(config("http://app.example.com"))).toThrow(/WEFT_PASSKEY_DOMAIN/);
  expect(relyingPartyOf(config("https://app.example.com"))).toEqual({ rpId: "app.example.com", origins: ["https://app.example.com"] });
});
