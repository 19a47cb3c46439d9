import { preflightHeader } from "../cookies/session-cookies.js";
import { storedSessionScript } from "../explorer/stored-session.js";

const login =
  "mutation Login($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken accessTokenExpiresAt refreshToken user { name } } }";
/** The operation that the page sends. */
export const landingOperations: readonly string[] = [login];

/**
 * Logs in as the selected user and opens the console or the explorer. The tokens of the console stay in cookies that no script can read, and `?resume`
 * tells it that they are there. It is not a fragment, because the page that waits for a build would lose it. The explorer keeps its own tokens. Neither
 * is ever part of a URL. Server messages are shown as text, never as markup.
 */
export const landingScript = `${storedSessionScript}
const said = document.querySelector("output");
const buttons = [...document.querySelectorAll("button[data-login]")];
const post = async (path, body, headers) => {
  const response = await fetch(path, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  return response.json();
};
const query = ${JSON.stringify(login)};
const openings = {
  console: {
    path: "/console/?resume",
    logIn: async (credentials) => (await post("/session", credentials, { "${preflightHeader}": "1" })).errors,
  },
  explorer: {
    path: "/explorer",
    logIn: async (credentials) => {
      const { data, errors } = await post("/graphql", { query, variables: credentials });
      if (!data?.login) return errors;
      const { user, ...tokens } = data.login;
      storeSession({ ...tokens, name: user.name });
    },
  },
};
const open = async ({ opens, login, password }) => {
  said.textContent = "Logging in as " + login + " …";
  for (const button of buttons) button.disabled = true;
  try {
    const errors = await openings[opens].logIn({ login, password });
    if (errors === undefined) return location.assign(openings[opens].path);
    said.textContent = errors.map(({ message }) => message).join(" ");
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  for (const button of buttons) button.disabled = false;
};
for (const button of buttons) button.addEventListener("click", () => open(button.dataset));
// In a page restored from the back-forward cache, the buttons are still disabled.
addEventListener("pageshow", () => { said.textContent = ""; for (const button of buttons) button.disabled = false; });
`;
