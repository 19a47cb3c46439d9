import type { Page } from "./page.js";

const read =
  "query RequestFormByLink($token: String!) { requestFormByLink(token: $token) { assetName form { title description schema uiSchema data } } }";
const submit =
  "mutation SubmitRequestByLink($token: String!, $data: JSON!, $key: String!) { submitRequestByLink(input: { token: $token, data: $data, idempotencyKey: $key }) { receivedAt } }";

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
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
const choicesOf = (schema) => schema?.oneOf?.map(({ const: value, title }) => ({ value, title: title ?? String(value) }))
  ?? schema?.enum?.filter((value) => value !== null).map((value) => ({ value, title: String(value) }));
const selectOf = (choices, multiple) =>
  element("select", { multiple }, ...(multiple ? [] : [element("option", { value: "" })]), ...choices.map(({ title }, at) => element("option", { value: String(at) }, title)));
/** Returns the input of a property and a function that reads its value, which is undefined if it is empty. */
function inputOf(schema, options) {
  const type = [schema.type].flat().find((name) => name !== "null");
  const choices = choicesOf(schema);
  const chosen = type === "array" ? choicesOf(schema.items) : undefined;
  if (choices) {
    const input = selectOf(choices, false);
    return { input, value: () => choices[input.value === "" ? -1 : Number(input.value)]?.value, set: (value) => { input.value = String(choices.findIndex((choice) => choice.value === value)); } };
  }
  if (chosen) {
    const input = selectOf(chosen, true);
    return { input, value: () => input.selectedOptions.length === 0 ? undefined : [...input.selectedOptions].map((option) => chosen[Number(option.value)].value) };
  }
  if (type === "boolean") {
    const input = element("input", { type: "checkbox" });
    return { input, isCheckbox: true, value: () => input.checked, set: (value) => { input.checked = value; } };
  }
  if (type === "number" || type === "integer") {
    const input = element("input", { type: "number", step: type === "integer" ? "1" : "any" });
    return { input, value: () => input.value === "" ? undefined : Number(input.value), set: (value) => { input.value = value; } };
  }
  if (type !== "string") return null;
  const isTime = schema.format === "date-time";
  const input = options?.multi === true ? element("textarea") : element("input", { type: isTime ? "datetime-local" : schema.format === "date" ? "date" : "text" });
  if (schema.maxLength !== undefined) input.maxLength = schema.maxLength;
  const text = () => isTime ? new Date(input.value).toISOString() : input.value;
  return { input, value: () => input.value === "" ? undefined : text(), set: (value) => { if (!isTime) input.value = value; } };
}
function show({ assetName, form: given }) {
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
