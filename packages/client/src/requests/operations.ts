/** The operations that the client sends by itself. Weft accepts them also where it accepts only stored ones: `pnpm operations` tells the gateway. */

export const announceUpload = "mutation AnnounceUpload($input: CreateUploadInput!) { createUpload(input: $input) { url file { id } } }";
export const uploadStatus = "query UploadStatus($id: ID!) { file(id: $id) { status } }";
export const downloadOf = "query DownloadFile($id: ID!) { file(id: $id) { name download { url } } }";
export const renewSession =
  "mutation Renew($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken accessTokenExpiresAt refreshToken } }";
/** Of which only matters whether Weft answers. */
export const isReachable = "query IsReachable { __typename }";
export const endSession = "mutation { logout { sessionId } }";
export const endOtherSessions = "mutation { revokeOtherSessions { endedCount } }";

const sessionFields = "accessToken accessTokenExpiresAt refreshToken deviceToken mustEnrolSecondFactor";

/** @param field that opens a session, and the type of its input */
const loginBy = (field: string, input: string): string =>
  `mutation Login($input: ${input}!) { ${field}(input: $input) { ${sessionFields} } }`;

/** Mutations that open a session, by their names. */
export const logins = {
  login: loginBy("login", "LoginInput"),
  completeLogin: loginBy("completeLogin", "CompleteLoginInput"),
  loginWithPasskey: loginBy("loginWithPasskey", "LoginWithPasskeyInput"),
  loginWithDirectory: loginBy("loginWithDirectory", "LoginWithDirectoryInput"),
  completeSingleSignOn: loginBy("completeSingleSignOn", "CompleteSingleSignOnInput"),
} as const;
