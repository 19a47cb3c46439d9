export { accessTokenSeconds, issueAccessToken } from "./access-token.js";
export { fromBase32, toBase32 } from "./base32.js";
export { type MailRef, newMailKey } from "./mail-token.js";
