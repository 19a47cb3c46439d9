import { storedSessionScript } from "../explorer/stored-session.js";

/** Logs in as the selected user and opens the explorer. Server messages are shown as text, never as markup. */
export const landingScript = `${storedSessionScript}
const said = document.querySelector("output");
const buttons = [...document.querySelectorAll("button[data-login]")];
const query = "mutation Login($login: String!, $password: String!) { login(input: { login: $login, password: $password }) { accessToken accessTokenExpiresAt refreshToken user { name } } }";
const logIn = async ({ login, password }) => {
  said.textContent = "Logging in as " + login + " …";
  for (const button of buttons) button.disabled = true;
  try {
    const body = JSON.stringify({ query, variables: { login, password } });
    const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    if (data?.login) {
      const { user, ...tokens } = data.login;
      storeSession({ ...tokens, name: user.name });
      location.assign("/explorer");
      return;
    }
    said.textContent = errors.map(({ message }) => message).join(" ");
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  for (const button of buttons) button.disabled = false;
};
for (const button of buttons) button.addEventListener("click", () => logIn(button.dataset));
// In a page restored from the back-forward cache, the buttons are still disabled.
addEventListener("pageshow", () => { said.textContent = ""; for (const button of buttons) button.disabled = false; });
`;
