import type { Tx } from "../db/database.js";
import { countReply, findReplyCount, findReplyKey, insertReplyKey, type ReplyUse, type UsedReplyAddress } from "./reply-address.store.js";
import { newMailKey } from "../tokens/mail-token.js";
import type { ReplyRef } from "./reply-token.js";

/** Returns the address with which a user comments on a request by email. It stays the same for further emails while the vendor does. */
export async function replyAddressFor(tx: Tx, tenantId: string, use: ReplyUse): Promise<ReplyRef> {
  const known = await findReplyKey(tx, use);
  if (known !== null) return { tenantId, key: known };
  await insertReplyKey(tx, { tenantId, key: newMailKey(), ...use });
  const key = await findReplyKey(tx, use);
  if (key === null) throw new Error("The address that was just inserted does not exist.");
  return { tenantId, key };
}

/** Returns the number of messages to an address in this hour. Null if there is no such address, or the tenant is not active. */
export const countOfReplies = (tx: Tx, { key }: ReplyRef): Promise<number | null> => findReplyCount(tx, key);

/** Counts a message to an address. Null if there is no such address, or the tenant is not active. */
export const useReplyAddress = (tx: Tx, { key }: ReplyRef): Promise<UsedReplyAddress | null> => countReply(tx, key);
