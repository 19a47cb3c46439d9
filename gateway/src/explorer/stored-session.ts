/**
 * Browser code shared by the landing page and the explorer: the session of the last login, in the tab's session storage.
 *
 * Every script of the page's origin can read tokens in session storage. This is acceptable for a demo: both pages come entirely from this server
 * under a policy that runs no other script, the logins are public, and losing the login on every reload would be worse. The storage ends with the
 * tab. Clients for real users keep the refresh token out of reach of scripts.
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
