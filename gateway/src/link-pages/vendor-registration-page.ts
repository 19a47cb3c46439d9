import type { Page } from "./page.js";

const submit =
  "mutation RegisterVendor($token: String!, $name: String!, $email: String!, $phone: String, $contactName: String, $categories: [String!]!, $key: String!) { registerVendor(input: { token: $token, name: $name, email: $email, phone: $phone, contactName: $contactName, categories: $categories, idempotencyKey: $key }) { receivedAt } }";
/** The operations that the page sends. */
export const vendorRegistrationOperations: readonly string[] = [submit];

/**
 * Sends the registration of a vendor. The token stays in the URL: the link can work more than once, and the user can reload the page. The key makes sure
 * that a second attempt after a lost answer registers no second vendor.
 */
const script = `
const token = location.hash.replace(/^#token=/, "");
const form = document.querySelector("form");
const said = document.querySelector("output");
const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const explain = (errors) => errors.flatMap(({ message, extensions }) => extensions?.problems?.map((problem) => problem.message) ?? [message]).join(" ");
if (token === "") { form.hidden = true; said.textContent = "Open the complete link that you received."; }
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "";
  const { categories = "", ...given } = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim() !== ""));
  const listed = categories.split(",").map((each) => each.trim()).filter((each) => each !== "");
  try {
    const body = JSON.stringify({ query: form.dataset.submit, variables: { ...given, categories: listed, token, key } });
    const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
    const { data, errors } = await response.json();
    form.hidden = Boolean(data?.registerVendor);
    said.textContent = form.hidden ? form.dataset.done : explain(errors);
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  button.disabled = false;
});
addEventListener("hashchange", () => location.reload());
`;

/** The page of vendor registration links. It reads nothing. */
export const vendorRegistrationPage: Page = {
  title: "Register as a vendor",
  body: `<p>Describe your company. The organization that sent you here checks it and contacts you.</p>
<form data-submit="${submit}" data-done="Thank you. Your registration was received.">
<p><label>Company *<br><input name="name" autocomplete="organization" required maxlength="200"></label></p>
<p><label>Email *<br><input name="email" type="email" autocomplete="email" required maxlength="320"></label></p>
<p><label>Phone<br><input name="phone" type="tel" autocomplete="tel" maxlength="50"></label></p>
<p><label>Person to contact<br><input name="contactName" autocomplete="name" maxlength="200"></label></p>
<p><label>What your company does, separated by commas, for example: plumbing, heating<br><input name="categories" maxlength="500"></label></p>
<p><button>Send</button></p>
</form>
<p><output></output></p>`,
  script,
};
