/**
 * Asks the user for a passkey, with options of `startPasskeyLogin` or `startPasskeyAssertion`. Returns what the API expects.
 *
 * @throws DOMException if the user cancels, or the device has none
 */
export async function askForPasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as PublicKeyCredentialRequestOptionsJSON);
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  return credential.toJSON();
}

/** Creates a passkey, with options of `startPasskeyRegistration`. Returns the `response` of `registerPasskey`. */
export async function createPasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as PublicKeyCredentialCreationOptionsJSON);
  const credential = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  return credential.toJSON();
}
