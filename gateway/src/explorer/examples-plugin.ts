import { descriptionOf, type ExampleOperation, operationNameOf, titleOf } from "./example-operations.js";
import { fittingScript } from "./fitting-script.js";
import { inScript } from "./in-script.js";
import { operationsPlugin } from "./operations-plugin.js";

interface ScriptUrls {
  readonly ruruUrl: string;
  /** Of the operations by area, as `rootOperations` returns them. */
  readonly operationsUrl: string;
}

/**
 * Starts GraphiQL with two sidebar plugins of our own. The first lists all examples by group, the second all operations of the API by area. A click opens an example in a tab, or switches to the tab in which
 * it is open. Placeholders in its variables are filled from the last response. An example that needs a task, such as "Complete task", always gets one
 * that the user can complete now, with a transition of that task; the task of the last response if it is still waiting.
 *
 * Ruru does not accept plugins, so we add ours to the element that it renders. GraphiQL's store is not accessible either: tabs are opened with its
 * own button, and Monaco's models fill them. The Chromium tests verify this.
 */
export function startScript(operations: readonly ExampleOperation[], { ruruUrl, operationsUrl }: ScriptUrls): string {
  const titles = [...new Set(operations.map(({ group }) => group))];
  const groups = titles.map((title) => ({
    title,
    examples: operations
      .filter(({ group }) => group === title)
      .map((operation) => ({
        title: titleOf(operation.name),
        description: descriptionOf(operation),
        operationName: operationNameOf(operation),
        kind: /^(?:query|mutation|subscription)/m.exec(operation.source)?.[0] ?? "query",
        source: operation.source,
        variables: operation.variables ?? "",
      })),
  }));
  return `<script type="module">
import { React, createRoot, Ruru } from ${inScript(ruruUrl)};
const groups = ${inScript(groups)};
const h = React.createElement;

// The most recent ID of each kind, by its prefix.
const seen = new Map();
// Values that this script put into variables. Only these are replaced later.
const filled = new Set();
const hasOpen = (value) => value !== null && typeof value === "object"
  && (Array.isArray(value.availableTransitions) && value.availableTransitions.some(({ allowed }) => allowed) || Object.values(value).some(hasOpen));
// The first item of a list with an allowed transition. The next operation uses it.
const preferred = (value) => Array.isArray(value) ? value.find(hasOpen)
  : value && typeof value === "object" ? Object.values(value).map(preferred).find((item) => item) : undefined;
const note = (value, found) => {
  if (Array.isArray(value)) for (const one of value) note(one, found);
  else if (value && typeof value === "object") for (const one of Object.values(value)) note(one, found);
  else if (typeof value === "string" && /^[a-z]{2,4}_[0-9a-z]{20,}$/.test(value)) {
    const kind = value.slice(0, value.indexOf("_"));
    if (!found.has(kind)) found.set(kind, value);
  }
};
addEventListener("weft:answer", ({ detail }) => {
  if (!detail || detail.__schema || detail.forExample) return;
  const found = new Map();
  note(preferred(detail), found);
  note(detail, found);
  for (const [kind, value] of found) seen.set(kind, value);
});
// The kind of a placeholder: "tsk" for "tsk_…", "transition" for "…".
const kindOf = (text) => {
  const found = /^(?:([a-z]{2,4})_)?…$/.exec(text);
  return found === null ? undefined : found[1] ?? "transition";
};
// Replacements apply to whatever is there; IDs that were only seen apply to placeholders and to values of this script.
const fill = (template, current, replacements = new Map()) => {
  const value = (placeholder, now) => {
    const kind = kindOf(placeholder);
    const isOurs = now === undefined || now === placeholder || filled.has(now);
    const known = replacements.get(kind) ?? (isOurs ? seen.get(kind) : undefined);
    if (kind === undefined || known === undefined) return now ?? placeholder;
    filled.add(known);
    return known;
  };
  const merged = (from, now) => {
    if (typeof from === "string") return value(from, typeof now === "string" ? now : undefined);
    if (!from || typeof from !== "object" || Array.isArray(from)) return now ?? from;
    const keys = Object.keys({ ...from, ...now });
    return Object.fromEntries(keys.map((key) => [key, key in from ? merged(from[key], now?.[key]) : now[key]]));
  };
  return merged(template, current);
};
const shown = (variables) => JSON.stringify(variables, null, 2);

${fittingScript}
// An example with a transition needs an instance or a task that has this transition.
const fitted = async (template, current) => {
  const [name, kind] = Object.entries(template).map(([key, text]) => [key, kindOf(text)]).find(([, one]) => one === "tsk" || one === "wfi") ?? [];
  if (kind === undefined || template.transition !== "…") return { variables: fill(template, current) };
  const now = current?.[name];
  const ids = filled.has(now) ? [seen.get(kind), now] : [now, seen.get(kind)];
  const { problem, id, transition, input } = await fittingOf(kind, { ids, transition: current?.transition });
  if (problem) return { problem, variables: { ...template, ...current, [name]: template[name], transition: template.transition } };
  const { input: given, ...others } = fill(template, current, new Map([[kind, id], ["transition", transition]]));
  const isSame = now === id && current?.transition === transition;
  const needed = Object.keys(input).length > 0 ? input : undefined;
  const sent = isSame ? given ?? needed : needed;
  return { variables: { ...others, ...(sent && { input: sent }) } };
};

const model = (name) => globalThis.monaco?.editor.getModels().find(({ uri }) => uri.path.endsWith(name));
const parsed = (text) => {
  // The user has removed them, or GraphiQL has lost them: it stores an empty text if another tab is opened before it has loaded.
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    // The user is still editing these variables.
    return undefined;
  }
};
const show = async ({ operationName, source, variables }) => {
  const tab = [...document.querySelectorAll(".graphiql-tab-button")].find(({ title }) => title === operationName);
  const said = document.getElementById("weft-note");
  said.textContent = "";
  if (tab) tab.click();
  else document.querySelector(".graphiql-tab-add").click();
  const [operation, values] = [model("operation.graphql"), model("variables.json")];
  if (!tab) operation.setValue(source);
  if (!tab) values.setValue(variables);
  if (innerWidth <= 760) document.querySelector('[aria-label="Hide Examples"], [aria-label="Hide Operations"]')?.click();
  const current = variables && (tab ? parsed(values.getValue()) : {});
  if (!current) return;
  const texts = () => operation.getValue() + values.getValue();
  const before = texts();
  const result = await fitted(JSON.parse(variables), tab ? current : undefined);
  // The user has typed something, or opened another tab, while the server was asked.
  if (texts() !== before) return;
  values.setValue(shown(result.variables));
  said.textContent = result.problem ?? "";
};

// The list of examples appears before the editors have loaded. The example that was clicked last opens when they have.
let wanted;
const open = (example) => {
  wanted = example;
  openWhenLoaded();
};
const openWhenLoaded = () => {
  if (!wanted) return;
  if (!model("operation.graphql") || !model("variables.json")) return void requestAnimationFrame(openWhenLoaded);
  const example = wanted;
  wanted = undefined;
  void show(example);
};

const Examples = () => h("section", { className: "weft-examples", "aria-label": "Examples" },
  h("h2", null, "Examples"),
  groups.map(({ title, examples }, index) => h("details", { key: title, open: index < 4 },
    h("summary", null, title),
    h("ul", null, examples.map((example) => h("li", { key: example.operationName },
      h("button", { type: "button", title: example.description, "data-example": example.operationName, onClick: () => open(example) },
        h("span", { className: "weft-example" }, example.title), " ",
        example.kind !== "query" && h("span", { className: "weft-kind" }, example.kind === "mutation" ? "writes" : "live"))))))));
const Icon = (props) => h("svg", { ...props, viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", strokeWidth: 1.4 },
  h("path", { d: "M5.5 3.5h9M5.5 8h9M5.5 12.5h9M1.5 3.5h1.5M1.5 8h1.5M1.5 12.5h1.5" }));
const examplesPlugin = { title: "Examples", icon: Icon, content: Examples };
${operationsPlugin(operationsUrl)}

// GraphiQL names tabs after their operations: "MyTasks". The list says "My tasks", and so should the tab.
const titles = new Map(groups.flatMap(({ examples }) => examples.map(({ operationName, title }) => [operationName, title])));
const nameTabs = () => {
  for (const tab of document.querySelectorAll(".graphiql-tab-button")) {
    const title = titles.get(tab.title);
    if (title !== undefined && tab.textContent !== title) tab.textContent = title;
  }
};
new MutationObserver(nameTabs).observe(document.getElementById("ruru-root"), { subtree: true, childList: true, characterData: true, attributeFilter: ["title"] });

// A link of a notification leads to one object.
const [, opened] = /^\\?open=([a-z]{2,4}_[0-9a-z]+)$/.exec(location.search) ?? [];
const openQuery = \`# The object of the link. Click the triangle to see it; sign in first if you are not.
query Open($id: ID!) {
  node(id: $id) {
    __typename
    id
    ... on Request { number state data workflow { id availableTransitions { name title allowed reasons } } }
    ... on Task { title status dueAt availableTransitions { name title allowed reasons } }
    ... on Project { code name state }
    ... on WorkflowInstance { definitionKey state data availableTransitions { name title allowed reasons } }
  }
}
\`;
if (opened !== undefined) {
  history.replaceState(null, "", location.pathname);
  open({ operationName: "Open", source: openQuery, variables: shown({ id: opened }) });
}

let plugins;
const Explorer = (props) => {
  const element = Ruru(props);
  // The Explain plugin is for servers that expose their SQL.
  plugins ??= [examplesPlugin, operationsPlugin, ...element.props.plugins.filter(({ title }) => title !== "Explain")];
  return React.cloneElement(element, { plugins });
};
createRoot(document.getElementById("ruru-root")).render(h(Explorer, { ...RURU_CONFIG, defaultEditorToolsVisibility: true }));
</script>
`;
}
