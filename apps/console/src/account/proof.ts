import { askForPasskey } from "@weft/client";
import type { SecondFactorCodeInput } from "../gql/graphql";
import { weft } from "../weft";
import { startAssertion } from "./account-operations";

/** Reads what a user has typed: six digits are a code of the app, everything else is a recovery code. */
export const proofOf = (typed: string): SecondFactorCodeInput =>
  /^\d{6}$/.test(typed.trim()) ? { code: typed.trim() } : { recoveryCode: typed.trim() };

/** Asks for one of the user's passkeys. @throws DOMException if the user cancels */
export async function passkeyProof(): Promise<SecondFactorCodeInput> {
  const { startPasskeyAssertion } = await weft.mutate(startAssertion);
  return { passkey: await askForPasskey(startPasskeyAssertion?.options) };
}
