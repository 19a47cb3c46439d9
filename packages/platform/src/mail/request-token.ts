import { mailTokens } from "../tokens/mail-token.js";

/** Local parts of addresses at which an email becomes a request: `request+` and 55 characters. */
export const { localPart: requestLocalPart, read: readRequestLocalPart } = mailTokens({
  prefix: "request+",
  label: "weft request address 1",
});
