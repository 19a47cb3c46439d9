/** The operations by which the command line logs in. Weft accepts them also where it accepts only stored ones: `pnpm operations` tells the gateway. */

const session = "accessToken accessTokenExpiresAt refreshToken deviceToken mustEnrolSecondFactor";

export const loginOperation = `mutation Login($input: LoginInput!) { login(input: $input) { ${session} } }`;
export const completeOperation = `mutation CompleteLogin($input: CompleteLoginInput!) { completeLogin(input: $input) { ${session} } }`;
export const refreshOperation =
  "mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken accessTokenExpiresAt refreshToken } }";
