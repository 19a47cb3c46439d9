import { fieldScript } from "./field-script.js";
import type { Page } from "./page.js";

const read =
  "query RequestFormByLink($token: String!) { requestFormByLink(token: $token) { assetName form { title description schema uiSchema data } } }";
const submit =
  "mutation SubmitRequestByLink($token: String!, $data: JSON!, $key: String!) { submitRequestByLink(input: { token: $token, data: $data, idempotencyKey: $key }) { receivedAt } }";
/** The operations that the page sends. */
export const requestPageOperations: readonly string[] = [read, submit];

/**
 * Shows the form of a request form link, and sends it. The token stays in the URL: the link works more than once, and the user can reload the page. The key
 * makes sure that a second attempt after a lost answer creates no second request.
 */
const script = `
const token = location.hash.replace(/^#token=/, "");
const form = document.querySelector("form");
const fields = document.querySelector("#fields");
const said = document.querySelector("output");
const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const readers = [];
async function send(query, variables) {
  const body = JSON.stringify({ query, variables });
  const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
  return response.json();
}
${fieldScript}function show({ assetName, form: given }) {
  document.title = given.title ?? assetName;
  document.querySelector("h1").textContent = given.title ?? "";
  document.querySelector("#asset").textContent = assetName;
  document.querySelector("#description").textContent = given.description ?? "";
  for (const { scope, label, options } of given.uiSchema.elements) {
    const name = scope.replace("#/properties/", "").replaceAll("~1", "/").replaceAll("~0", "~");
    const schema = given.schema.properties[name];
    const made = inputOf(schema, options);
    if (made === null) continue;
    const { input, value, set, isCheckbox } = made;
    input.name = name;
    input.required = !isCheckbox && (given.schema.required ?? []).includes(name);
    if (given.data[name] !== undefined) set?.(given.data[name]);
    const help = schema.description === undefined ? [] : [element("br"), element("small", {}, schema.description)];
    const text = input.required ? label + " *" : label;
    fields.append(element("p", {}, element("label", {}, text, element("br"), input), ...help));
    readers.push([name, value]);
  }
  form.hidden = false;
}
const explain = (errors) => errors.flatMap(({ message, extensions }) => extensions?.problems?.map((problem) => problem.message) ?? [message]).join(" ");
async function open() {
  if (token === "") { said.textContent = "Scan the QR code again."; return; }
  try {
    const { data, errors } = await send(form.dataset.read, { token });
    if (data?.requestFormByLink) show(data.requestFormByLink);
    else said.textContent = explain(errors);
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  said.textContent = "";
  const given = readers.map(([name, value]) => [name, value()]).filter(([, value]) => value !== undefined);
  try {
    const { data, errors } = await send(form.dataset.submit, { token, data: Object.fromEntries(given), key });
    form.hidden = Boolean(data?.submitRequestByLink);
    said.textContent = form.hidden ? form.dataset.done : explain(errors);
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  button.disabled = false;
});
addEventListener("hashchange", () => location.reload());
void open();
`;

/** The page of request form links. */
export const requestPage: Page = {
  title: "Report a problem",
  body: `<p id="asset"></p>
<p id="description"></p>
<form hidden data-read="${read}" data-submit="${submit}" data-done="Thank you. Your report was received.">
<div id="fields"></div>
<p><button>Send</button></p>
</form>
<p><output></output></p>`,
  script,
};
