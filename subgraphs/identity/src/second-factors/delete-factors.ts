import type { Tx } from "@weft/platform/db";
import { deletePasskeysOfUser } from "./passkeys/passkey.store.js";
import { deleteRecoveryCodes, deleteTotp } from "./second-factor.store.js";

/** Deletes all second factors and recovery codes of a user. Returns whether the user had a second factor. */
export async function deleteSecondFactors(tx: Tx, userId: string): Promise<boolean> {
  const hadTotp = await deleteTotp(tx, userId);
  const hadPasskey = await deletePasskeysOfUser(tx, userId);
  await deleteRecoveryCodes(tx, userId);
  return hadTotp || hadPasskey;
}
