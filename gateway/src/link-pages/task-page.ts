import { baseStyle } from "../landing/landing-style.js";
import { fieldScript } from "./field-script.js";
import type { Page } from "./page.js";

const read = `query TaskByLink($token: String!) { taskByLink(token: $token) { status organization takenBy title instructions subject dueAt expiresAt facts { label value } form { ...F } transitions { name title allowed reasons requiresComment inputSchema form { ...F } } } } fragment F on Form { title description schema uiSchema data }`;
const complete =
  "mutation CompleteTaskByLink($token: String!, $transition: String!, $comment: String, $input: JSON) { completeTaskByLink(input: { token: $token, transition: $transition, comment: $comment, input: $input }) { title } }";
/** The operations that the page sends. */
export const taskPageOperations: readonly string[] = [read, complete];

const style = `${baseStyle}
h1 { font-size: clamp(1.9rem, 6vw, 2.6rem); line-height: 1.15; letter-spacing: -0.02em; }
.about { margin-bottom: 0.5rem; }
dl { margin: 1.5rem 0; border-top: 1px solid var(--line); }
dl div { display: grid; grid-template-columns: 12rem 1fr; gap: 0 1.5rem; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); font: 0.875rem/1.7 ui-sans-serif, system-ui, sans-serif; }
dd { margin: 0; white-space: pre-line; }
dl:empty { display: none; }
fieldset { margin: 1.5rem 0; padding: 0; border: 0; border-top: 1px solid var(--line); min-width: 0; }
legend { padding: 0 0.75rem 0 0; font-weight: 600; }
label, small, .actions, .problem { font-family: ui-sans-serif, system-ui, sans-serif; font-size: 0.875rem; }
label.check { display: flex; align-items: center; gap: 0.6rem; }
.field { margin: 1rem 0; }
.field small { display: block; color: var(--soft); }
.problem { margin: 0.25rem 0 0; color: var(--accent); }
.problem:empty { display: none; }
input, select, textarea {
  width: 100%; padding: 0.6rem 0.7rem; border: 1px solid var(--soft); border-radius: 4px; background: var(--paper); color: var(--ink); font: 16px/1.4 ui-sans-serif, system-ui, sans-serif;
}
input[type="checkbox"] { width: 1.25rem; height: 1.25rem; }
textarea { min-height: 6rem; }
[aria-invalid="true"] { border-color: var(--accent); }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.5rem 0; }
button { min-height: 2.75rem; padding: 0.55rem 1.25rem; border: 1px solid var(--accent); border-radius: 4px; background: none; color: var(--accent); font: 500 16px/1.4 ui-sans-serif, system-ui, sans-serif; cursor: pointer; }
button:hover { background: var(--hover); }
button:disabled { border-color: var(--line); color: var(--soft); cursor: not-allowed; }
output { font-size: 1rem; }
[hidden] { display: none; }
@media (max-width: 36rem) { dl div { grid-template-columns: 1fr; } .actions button { flex: 1 1 100%; } }
`;

/**
 * Shows the task of a link, and completes it. The token is removed from the URL at once, so that it is not kept in the history. A user must press a
 * button, so programs that open links in emails to scan them do not use up the token.
 */
const script = `
const token = location.hash.replace(/^#token=/, "");
history.replaceState(null, "", location.pathname);
const form = document.querySelector("form");
const said = document.querySelector("output");
const facts = document.querySelector("dl");
async function send(query, variables) {
  const body = JSON.stringify({ query, variables });
  const response = await fetch("/graphql", { method: "POST", headers: { "content-type": "application/json" }, body });
  return response.json();
}
${fieldScript}
// Whether a value fits the schema of a condition, as far as conditions of forms go.
function fits(schema, value) {
  const isObject = value !== null && typeof value === "object" && !Array.isArray(value);
  const checks = {
    const: (one) => JSON.stringify(one) === JSON.stringify(value),
    enum: (all) => all.some((one) => JSON.stringify(one) === JSON.stringify(value)),
    required: (names) => !isObject || names.every((name) => value[name] !== undefined),
    properties: (all) => !isObject || Object.entries(all).every(([name, one]) => value[name] === undefined || fits(one, value[name])),
    minimum: (limit) => typeof value !== "number" || value >= limit,
    maximum: (limit) => typeof value !== "number" || value <= limit,
    exclusiveMinimum: (limit) => typeof value !== "number" || value > limit,
    exclusiveMaximum: (limit) => typeof value !== "number" || value < limit,
    minLength: (limit) => typeof value !== "string" || value.length >= limit,
    minItems: (limit) => !Array.isArray(value) || value.length >= limit,
    contains: (one) => !Array.isArray(value) || value.some((item) => fits(one, item)),
    not: (one) => !fits(one, value),
    allOf: (all) => all.every((one) => fits(one, value)),
    anyOf: (all) => all.some((one) => fits(one, value)),
  };
  return schema === true || schema !== false && Object.entries(schema).every(([name, argument]) => checks[name]?.(argument) ?? true);
}
// A field of the page: its value, the place of its problem, and when it is shown.
function fieldOf(name, label, { input, value, set, isCheckbox }, { schema, isRequired, first, rule }) {
  input.id = "field-" + document.querySelectorAll("input, select, textarea").length + "-" + name;
  const problem = element("p", { className: "problem", id: input.id + "-problem" });
  problem.setAttribute("role", "alert");
  input.setAttribute("aria-describedby", problem.id);
  if (isRequired) input.setAttribute("aria-required", "true");
  if (first !== undefined) set?.(first);
  const text = element("label", { htmlFor: input.id, className: isCheckbox ? "check" : "" }, ...(isCheckbox ? [input, label] : [isRequired ? label + " *" : label]));
  const help = schema?.description === undefined ? [] : [element("small", {}, schema.description)];
  const box = element("div", { className: "field" }, text, ...(isCheckbox ? [] : [input]), ...help, problem);
  return { name, box, input, problem, rule, value: () => box.hidden ? undefined : value() };
}
function fieldsOf(given) {
  return (given?.uiSchema.elements ?? []).map(({ scope, label, options, rule }) => {
    const name = scope.replace("#/properties/", "").replaceAll("~1", "/").replaceAll("~0", "~");
    const schema = given.schema.properties[name];
    const made = inputOf(schema, options);
    const isRequired = (given.schema.required ?? []).includes(name);
    if (made) return fieldOf(name, label, made, { schema, isRequired, first: given.data[name], rule });
    const problem = element("p", { className: "problem" }, isRequired ? "Log in to fill in this field." : "");
    return { name, problem, rule, value: () => undefined, box: element("div", { className: "field" }, element("label", {}, label), element("small", {}, "This field needs a login."), problem) };
  });
}
// The form of a transition; if the definition has only a schema, a field for each property.
function formOf({ form: given, inputSchema: schema }) {
  if (given || !schema?.properties) return given;
  const elements = Object.entries(schema.properties).map(([name, { title }]) => ({ scope: "#/properties/" + name, label: title ?? name }));
  return { title: null, description: null, schema, uiSchema: { elements }, data: {} };
}
const groups = [];
const valuesOf = (fields) => Object.fromEntries(fields.map(({ name, value }) => [name, value()]).filter(([, value]) => value !== undefined));
function showRelevant() {
  for (const fields of groups) {
    for (const { box, rule } of fields) if (rule?.effect === "SHOW") box.hidden = !fits(rule.condition.schema, valuesOf(fields));
  }
}
function addGroup(place, given) {
  const fields = fieldsOf(given);
  groups.push(fields);
  if (given?.description) place.append(element("p", { className: "soft" }, given.description));
  place.append(...fields.map(({ box }) => box));
  return fields;
}
const dateOf = (at) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
const textOf = (value) => typeof value === "boolean" ? (value ? "Yes" : "No") : typeof value === "number" ? new Intl.NumberFormat().format(value)
  : Array.isArray(value) ? value.map(textOf).join(", ") : String(value);
const sentences = {
  TAKEN: ({ takenBy }) => (takenBy ?? "Somebody else") + " has taken this task. You do not need to do anything.",
  DONE: () => "This task is done, or no longer needed. You do not need to do anything.",
  EXPIRED: () => "This link has expired. Log in, or ask for a new link.",
  REPLACED: () => "This link was replaced. Use the link in the newest email about this task.",
};
const transitions = new Map();
let shared = [];
let comment;
function show(task) {
  document.querySelector("#organization").textContent = task.organization;
  if (task.status !== "OPEN") {
    said.textContent = sentences[task.status](task);
    return;
  }
  document.title = task.title;
  document.querySelector("h1").textContent = task.title;
  document.querySelector("#subject").textContent = task.subject ?? "";
  document.querySelector("#instructions").textContent = task.instructions ?? "";
  const times = [...(task.dueAt ? [{ label: "Due", value: dateOf(task.dueAt) }] : []), { label: "The link is valid until", value: dateOf(task.expiresAt) }];
  for (const { label, value } of [...task.facts, ...times]) facts.append(element("div", {}, element("dt", {}, label), element("dd", {}, textOf(value))));
  const fields = document.querySelector("#fields");
  shared = addGroup(fields, task.form);
  const needsComment = task.transitions.filter(({ requiresComment, allowed }) => requiresComment && allowed).map(({ title }) => title);
  const made = { input: element("textarea", { maxLength: 10000 }) };
  const hint = needsComment.length === 0 ? undefined : "Required for: " + needsComment.join(", ");
  comment = fieldOf("comment", "Comment", { ...made, value: () => made.input.value === "" ? undefined : made.input.value }, { schema: { description: hint } });
  const plain = document.querySelector("#plain");
  const notes = document.querySelector("#notes");
  for (const one of task.transitions) {
    const button = element("button", { name: "transition", value: one.name, disabled: !one.allowed }, one.title);
    // The form of a task applies to all its transitions.
    const own = one.allowed && task.form === null ? formOf(one) : null;
    if (own?.uiSchema.elements.length > 0) {
      const place = element("fieldset", {}, element("legend", {}, own.title ?? one.title));
      transitions.set(one.name, addGroup(place, own));
      place.append(element("p", { className: "actions" }, button));
      document.querySelector("#forms").append(place);
    } else plain.append(button);
    if (!one.allowed) notes.append(element("p", { className: "soft" }, one.title + ": " + one.reasons.join(" ")));
  }
  fields.append(comment.box);
  if (task.transitions.length === 0) said.textContent = "Nothing can be done with this task now.";
  form.hidden = task.transitions.length === 0;
  showRelevant();
}
function clearProblems(fields) {
  for (const { problem, input } of fields) {
    problem.textContent = "";
    input?.removeAttribute("aria-invalid");
  }
}
// Shows each problem beside its field, and the rest below.
function explain(errors, fields) {
  const byPath = new Map([...fields.map((field) => ["input.input." + field.name, field]), ["input.comment", comment]]);
  const rest = [];
  let first;
  for (const { message, extensions } of errors) {
    const problems = extensions?.problems ?? extensions?.reasons ?? [];
    if (problems.length === 0) rest.push(message);
    for (const { path, message: text } of problems) {
      const field = byPath.get(path) ?? [...byPath].find(([known]) => path?.startsWith(known + ".") || path?.startsWith(known + "["))?.[1];
      if (!field) { rest.push(text); continue; }
      field.problem.textContent = text;
      field.input?.setAttribute("aria-invalid", "true");
      first ??= field.input;
    }
  }
  said.textContent = rest.join(" ");
  first?.focus();
}
async function open() {
  if (token === "") { said.textContent = "Open the complete link from the email."; return; }
  try {
    const { data, errors } = await send(form.dataset.read, { token });
    if (data?.taskByLink) show(data.taskByLink);
    else said.textContent = errors?.map(({ message }) => message).join(" ") ?? "This link is invalid or has expired. Log in, or request a new link.";
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
}
form.addEventListener("input", showRelevant);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  // Enter in a field says nothing about the decision.
  const transition = event.submitter?.value;
  if (!transition) return;
  const fields = [...shared, ...(transitions.get(transition) ?? [])];
  const enabled = [...form.querySelectorAll("button:enabled")];
  for (const button of enabled) button.disabled = true;
  said.textContent = "";
  clearProblems([...groups.flat(), comment]);
  const input = valuesOf(fields);
  const hasInput = fields.length > 0;
  try {
    const { data, errors } = await send(form.dataset.mutation, { token, transition, ...(comment.value() && { comment: comment.value() }), ...(hasInput && { input }) });
    if (data?.completeTaskByLink) {
      form.hidden = true;
      said.textContent = form.dataset.done;
    } else explain(errors, fields);
  } catch {
    said.textContent = "Weft cannot be reached. Try again in a moment.";
  }
  for (const button of enabled) button.disabled = false;
});
void open();
`;

/** The page of task links. */
export const taskPage: Page = {
  title: "A task for you",
  body: `<p class="soft about" id="subject"></p>
<p id="instructions"></p>
<dl></dl>
<form hidden novalidate data-read="${read}" data-mutation="${complete}" data-done="Thank you. The task is complete.">
<div id="fields"></div>
<div id="forms"></div>
<p class="actions" id="plain"></p>
<div id="notes"></div>
</form>
<p><output></output></p>
<p class="soft" id="organization"></p>
<noscript><p>This page needs JavaScript. Turn it on, or log in to Weft.</p></noscript>`,
  script,
  style,
};
