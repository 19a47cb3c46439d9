/**
 * Browser code that the landing page and the explorer share: the session of the last login, in the tab's session storage.
 *
 * Tokens in session storage can be read by every script of the page's origin. That is right for a demo: both pages come whole from us under a policy that runs no other
 * script, the logins are public, and a reload that forgot the login would be the greater harm. The storage ends with the tab. Clients for real users keep the refresh token
 * out of the reach of scripts.
 */
export const storedSessionScript = `
const sessionKey = "weft:session";
const storedSession = () => {
  try {
    return JSON.parse(sessionStorage.getItem(sessionKey)) ?? undefined;
  } catch {
    return undefined;
  }
};
const storeSession = (session) => {
  if (session) sessionStorage.setItem(sessionKey, JSON.stringify(session));
  else sessionStorage.removeItem(sessionKey);
};
`;
