import { type MailRef, mailTokens } from "../tokens/mail-token.js";

/** A row of `reply_addresses`. */
export type ReplyRef = MailRef;

/** Local parts of reply addresses: `reply+` and 55 characters. */
export const { localPart: replyLocalPart, read: readReplyLocalPart } = mailTokens({ prefix: "reply+", label: "weft reply address 1" });
