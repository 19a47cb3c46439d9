import { describe, expect, it } from "vitest";
import { issueRefreshToken, readRefreshToken } from "./refresh-token.js";

const key = Buffer.alloc(32, 7);
const ref = { tenantId: "01890a5d-ac96-774b-bcce-b302099a8057", id: "01890a5d-ac96-774b-bcce-b302099a8058" };

describe("refresh tokens", () => {
  it("carry their tenant and row, and are the same each time they are derived", () => {
    const token = issueRefreshToken(key, ref);
    expect(token).toMatch(/^wrt_[\w-]{86}$/);
    expect(readRefreshToken(key, token)).toEqual(ref);
    expect(issueRefreshToken(key, ref)).toBe(token);
  });

  it("are refused when any character is changed, cut or added", () => {
    const token = issueRefreshToken(key, ref);
    for (let i = 0; i < token.length; i++) {
      const other = token[i] === "A" ? "B" : "A";
      expect(readRefreshToken(key, token.slice(0, i) + other + token.slice(i + 1))).toBeNull();
    }
    for (const text of ["", "wrt_", token.slice(1), token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`]) {
      expect(readRefreshToken(key, text)).toBeNull();
    }
  });

  it("that were signed with another installation's key are refused", () => {
    expect(readRefreshToken(key, issueRefreshToken(Buffer.alloc(32, 8), ref))).toBeNull();
  });
});
