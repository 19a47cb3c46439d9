import type { Page } from "./page.js";

const login =
  "mutation LogIn($login: String!, $password: String!, $tenant: String!) { login(input: { login: $login, password: $password, tenant: $tenant }) { accessToken } }";
const complete =
  "mutation Complete($mfaToken: String!, $code: String, $recoveryCode: String, $passkey: JSON) { completeLogin(input: { mfaToken: $mfaToken, code: $code, recoveryCode: $recoveryCode, passkey: $passkey }) { accessToken } }";
const askForPasskey = "mutation AskForPasskey($mfaToken: String!) { startPasskeyLogin(input: { mfaToken: $mfaToken }) { options } }";
const read =
  "query AssetByLabel($tag: String!) { assetByTag(tag: $tag) { id tag name status building { name } requests(first: 10) { edges { node { number state } } } } }";
const logout = "mutation LogOut { logout { sessionId } }";
/** The operations that the page sends. */
export const assetPageOperations: readonly string[] = [login, complete, askForPasskey, read, logout];

/**
 * Asks the user to log in, with a code or a passkey if they have a second factor. Users with a temporary password choose their own first. Then shows the
 * asset of the label with their rights, and ends the session.
 */
const script = `
const given = new URLSearchParams(location.hash.slice(1));
const form = document.querySelector("form");
const said = document.querySelector("output");
const shown = document.querySelector("dl");
document.querySelector("h1").textContent = given.get("tag") ?? "Asset";
form.elements.tenant.value = given.get("tenant") ?? "";
if (!given.has("tag")) { form.hidden = true; said.textContent = "Scan the label of the asset."; }
async function send(query, variables, token) {
  const headers = { "content-type": "application/json", ...(token && { authorization: "Bearer " + token }) };
  const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  return response.json();
}
function show(name, text) {
  const [term, value] = [document.createElement("dt"), document.createElement("dd")];
  term.textContent = name;
  value.textContent = text;
  shown.append(term, value);
}
let mfaToken;
const failure = (errors) => new Error(errors.map(({ message }) => message).join(" "));
const codeOf = (errors) => errors[0]?.extensions?.code;
function expectCode(token, methods = []) {
  mfaToken = token;
  document.querySelector("[data-code]").hidden = token === undefined;
  document.querySelector("[data-passkey]").hidden = !methods.includes("PASSKEY") || typeof window.PublicKeyCredential?.parseRequestOptionsFromJSON !== "function";
  form.elements.code.value = "";
}
async function passkeyOf(token) {
  const { data, errors } = await send(form.dataset.ask, { mfaToken: token });
  if (!data?.startPasskeyLogin) {
    if (codeOf(errors) === "UNAUTHENTICATED") expectCode();
    throw failure(errors);
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.startPasskeyLogin.options);
  const credential = await navigator.credentials.get({ publicKey }).catch(() => { throw new Error("The browser has given no passkey. Enter a code instead."); });
  return credential.toJSON();
}
async function logIn(usesPasskey) {
  const { code, ...password } = Object.fromEntries(new FormData(form));
  if (mfaToken === undefined) {
    const { data, errors } = await send(form.dataset.login, password);
    if (data?.login) return data.login.accessToken;
    const { mfaToken: token, methods = [], resetToken } = errors[0]?.extensions ?? {};
    if (codeOf(errors) === "PASSWORD_CHANGE_REQUIRED") {
      location.assign("/reset-password#token=" + resetToken);
      // Nothing more is shown.
      return new Promise(() => undefined);
    }
    if (codeOf(errors) !== "MFA_REQUIRED") throw failure(errors);
    expectCode(token, methods);
    form.elements.code.focus();
    const ways = [...(methods.includes("PASSKEY") ? ["use your passkey"] : []), ...(methods.includes("TOTP") ? ["enter a code of your authenticator app"] : []), "enter a recovery code"];
    throw new Error("Now " + ways.join(", or ") + ".");
  }
  const text = code.replace(/\\s/g, "");
  const given = usesPasskey ? { passkey: await passkeyOf(mfaToken) } : /^[0-9]{6}$/.test(text) ? { code: text } : { recoveryCode: text };
  const { data, errors } = await send(form.dataset.complete, { mfaToken, ...given });
  if (data?.completeLogin) return data.completeLogin.accessToken;
  // After too many codes, or five minutes, the password is needed again.
  if (codeOf(errors) === "UNAUTHENTICATED") expectCode();
  throw failure(errors);
}
// The code belongs to the user whose password was sent.
form.addEventListener("input", ({ target }) => { if (target.name !== "code") expectCode(); });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const buttons = [...form.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  said.textContent = "";
  try {
    const token = await logIn(event.submitter?.name === "passkey").catch((error) => {
      // A request that failed is a TypeError, and has no text for users.
      if (error instanceof TypeError) throw error;
      said.textContent = error.message;
    });
    if (token !== undefined) {
      const answer = await send(form.dataset.read, { tag: given.get("tag") }, token);
      const asset = answer.data?.assetByTag;
      if (asset) {
        form.hidden = true;
        for (const [name, text] of [["Tag", asset.tag], ["Name", asset.name], ["Status", asset.status], ["Building", asset.building?.name], ["ID", asset.id]])
          if (text) show(name, text);
        for (const { node } of asset.requests?.edges ?? []) show("Request", node.number + ": " + node.state);
      } else said.textContent = answer.errors?.map(({ message }) => message).join(" ") ?? "You cannot see an asset with this tag.";
      await send(form.dataset.logout, {}, token);
    }
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  for (const button of buttons) button.disabled = false;
});
`;

/** The page of the QR codes on labels of assets. */
export const assetPage: Page = {
  title: "Asset",
  body: `<p>Log in to see this asset. You are logged out again at once.</p>
<form data-login="${login}" data-complete="${complete}" data-ask="${askForPasskey}" data-read="${read}" data-logout="${logout}">
<p><label>Organization<br><input name="tenant" required maxlength="100"></label></p>
<p><label>Email address or user name<br><input name="login" autocomplete="username" required maxlength="320"></label></p>
<p><label>Password<br><input name="password" type="password" autocomplete="current-password" required maxlength="256"></label></p>
<p data-code hidden><label>Code<br><input name="code" autocomplete="one-time-code" maxlength="100"></label></p>
<p><button>Show the asset</button> <button name="passkey" data-passkey hidden>Use a passkey</button></p>
</form>
<dl></dl>
<p><output></output></p>`,
  script,
};
