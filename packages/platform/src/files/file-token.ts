import { createHmac, timingSafeEqual } from "node:crypto";
import { bytesToUuid, uuidToBytes } from "@weft/shared/ids";

/** What a link is for. `view`: the browser shows the file inside a page if it is an image. Links contain the position: add new ones at the end. */
const purposes = ["upload", "download", "view", "smallPreview", "mediumPreview", "largePreview"] as const;
export type FilePurpose = (typeof purposes)[number];

/** The content of a link to a file. It names the session, so that it ends with it. IDs are UUIDs. */
export interface FileClaims {
  readonly purpose: FilePurpose;
  readonly tenantId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly fileId: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
}

const uuidBytes = 16;
const macBytes = 32;
const bodyBytes = 1 + 4 * uuidBytes + 5;
const tokenLength = Math.ceil(((bodyBytes + macBytes) * 4) / 3);

const macOf = (key: Uint8Array, body: Uint8Array): Buffer => createHmac("sha256", key).update("weft file link 1\0").update(body).digest();

/** Returns the token of a link: base64url of the claims and their HMAC-SHA256. Whoever has it acts as the user, for this file and purpose only. */
export function issueFileToken(key: Uint8Array, { purpose, tenantId, userId, sessionId, fileId, expiresAt }: FileClaims): string {
  const head = Buffer.alloc(6);
  head.writeUInt8(purposes.indexOf(purpose), 0);
  head.writeUIntBE(expiresAt, 1, 5);
  const body = Buffer.concat([head, ...[tenantId, userId, sessionId, fileId].map(uuidToBytes)]);
  return Buffer.concat([body, macOf(key, body)]).toString("base64url");
}

/** Returns the claims of a token that this installation issued, also of an expired one. Null for all others. */
export function readFileToken(key: Uint8Array, token: string): FileClaims | null {
  if (token.length !== tokenLength) return null;
  const bytes = Buffer.from(token, "base64url");
  // Only the canonical encoding is a valid token.
  if (bytes.length !== bodyBytes + macBytes || bytes.toString("base64url") !== token) return null;
  const body = bytes.subarray(0, bodyBytes);
  if (!timingSafeEqual(macOf(key, body), bytes.subarray(bodyBytes))) return null;
  const purpose = purposes[body.readUInt8(0)];
  const [tenantId, userId, sessionId, fileId] = [0, 1, 2, 3].map((n) =>
    bytesToUuid(body.subarray(6 + n * uuidBytes, 6 + (n + 1) * uuidBytes)),
  );
  if (purpose === undefined || tenantId === undefined || userId === undefined || sessionId === undefined || fileId === undefined)
    return null;
  return { purpose, tenantId, userId, sessionId, fileId, expiresAt: body.readUIntBE(1, 5) };
}
