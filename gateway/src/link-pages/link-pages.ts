import type { FastifyInstance } from "fastify";
import { assetPage, assetPageOperations } from "./asset-page.js";
import { requestPage, requestPageOperations } from "./request-page.js";
import { servePage } from "./page.js";
import { taskPage, taskPageOperations } from "./task-page.js";
import { unsubscribeOperations, unsubscribeRoutes } from "./unsubscribe.js";
import { vendorRegistrationOperations, vendorRegistrationPage } from "./vendor-registration-page.js";

/** A page that performs one action with the token from its URL fragment. */
interface LinkPage {
  readonly title: string;
  readonly text: string;
  /** HTML of the form's fields. Each field has the name of a variable of the mutation. */
  readonly fields: string;
  readonly button: string;
  readonly mutation: string;
  /** Shown after success. `{slug}` is replaced with the organization's slug. */
  readonly done: string;
}

const pages: Readonly<Record<string, LinkPage>> = {
  "/invitation": {
    title: "You are invited",
    text: "Choose a password for Weft.",
    fields: `<p><label>Your name, if it differs from the one in the invitation<br><input name="name" autocomplete="name" maxlength="200"></label></p>
<p><label>Password<br><input name="password" type="password" autocomplete="new-password" required maxlength="256"></label></p>`,
    button: "Accept the invitation",
    mutation:
      "mutation AcceptInvitation($token: String!, $name: String, $password: String!) { result: acceptInvitation(input: { token: $token, name: $name, password: $password }) { slug } }",
    done: "Your account is ready. Log in with your email and this password. Your organization is {slug}.",
  },
  "/verify-email": {
    title: "Is this your email address?",
    text: "Somebody entered the address that this link was sent to. If it was you, confirm it.",
    fields: "",
    button: "Yes, this is my address",
    mutation: "mutation VerifyEmail($token: String!) { result: verifyEmail(input: { token: $token }) { slug } }",
    done: "Thank you. Your organization is {slug}. If somebody else has created your account, reset its password now: they could still use it otherwise.",
  },
  "/reset-password": {
    title: "Choose a new password",
    text: "The link works once. Afterwards, log in with the new password.",
    fields: `<p><label>New password<br><input name="password" type="password" autocomplete="new-password" required maxlength="256"></label></p>`,
    button: "Change the password",
    mutation:
      "mutation ResetPassword($token: String!, $password: String!) { result: resetPassword(input: { token: $token, password: $password }) { slug } }",
    done: "Your password is changed, and all sessions are ended. Your organization is {slug}.",
  },
};

/** The operations that all these pages send. */
export const linkPageOperations: readonly string[] = [
  ...Object.values(pages).map(({ mutation }) => mutation),
  ...assetPageOperations,
  ...requestPageOperations,
  ...taskPageOperations,
  ...unsubscribeOperations,
  ...vendorRegistrationOperations,
];

/**
 * Removes the token from the URL at once, so that it is not kept in the history, and sends the form as one GraphQL mutation. A user must press the
 * button, so programs that open links in emails to scan them do not use up the token. Server messages are shown as text, never as markup.
 */
const script = `
const token = location.hash.replace(/^#token=/, "");
history.replaceState(null, "", location.pathname);
const form = document.querySelector("form");
const said = document.querySelector("output");
if (token === "") { form.hidden = true; said.textContent = "Open the complete link from the email."; }
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  try {
    const body = JSON.stringify({ query: form.dataset.mutation, variables: { ...given, token } });
    const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    const slug = data?.result?.slug;
    form.hidden = slug !== undefined;
    said.textContent = slug === undefined ? errors.map(({ message }) => message).join(" ") : form.dataset.done.replace("{slug}", slug);
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  button.disabled = false;
});
`;

/** Pages for the links in emails and on labels if WEFT_PUBLIC_URL is the gateway's own address, for installations without their own application. */
export function linkPageRoutes(app: FastifyInstance): void {
  for (const [path, page] of Object.entries(pages)) servePage(app, path, { title: page.title, body: bodyOf(page), script });
  servePage(app, "/asset", assetPage);
  servePage(app, "/request", requestPage);
  servePage(app, "/task", taskPage);
  servePage(app, "/vendor-registration", vendorRegistrationPage);
  unsubscribeRoutes(app);
}

const bodyOf = ({ text, fields, button, mutation, done }: LinkPage): string => `<p>${text}</p>
<form data-mutation="${mutation}" data-done="${done}">
${fields}
<p><button>${button}</button></p>
</form>
<p><output></output></p>`;
