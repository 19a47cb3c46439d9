export { countOfReplies, replyAddressFor, useReplyAddress } from "./reply-address.js";
export type { UsedReplyAddress } from "./reply-address.store.js";
export { readReplyLocalPart, replyLocalPart, type ReplyRef } from "./reply-token.js";
