import { descriptionOf, type ExampleOperation, operationNameOf, titleOf } from "./example-operations.js";
import { inScript } from "./in-script.js";

/**
 * Starts GraphiQL with our own sidebar plugin, which lists all examples by group. A click opens an example in a tab, or switches to the tab in which
 * it is open. Placeholders in its variables are filled from the last response: "Complete task" after "My tasks" uses the first task that the user can
 * complete.
 *
 * Ruru does not accept plugins, so we add ours to the element that it renders. GraphiQL's store is not accessible either: tabs are opened with its
 * own button, and Monaco's models fill them. The Chromium tests verify this.
 */
export function startScript(operations: readonly ExampleOperation[], ruruUrl: string): string {
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

// The most recent ID of each kind, by its prefix, and the most recent allowed transition.
const seen = new Map();
// Values that this script put into variables. Only these are replaced later.
const filled = new Set();
const openOf = ({ availableTransitions }) => Array.isArray(availableTransitions) ? availableTransitions.find(({ allowed }) => allowed)?.name : undefined;
const hasOpen = (value) => value !== null && typeof value === "object" && (openOf(value) !== undefined || Object.values(value).some(hasOpen));
// The first item of a list with an allowed transition. The next operation uses it.
const preferred = (value) => Array.isArray(value) ? value.find(hasOpen)
  : value && typeof value === "object" ? Object.values(value).map(preferred).find((item) => item) : undefined;
const note = (value, found) => {
  const keep = (kind, one) => { if (one !== undefined && !found.has(kind)) found.set(kind, one); };
  if (Array.isArray(value)) for (const one of value) note(one, found);
  else if (value && typeof value === "object") {
    keep("transition", openOf(value));
    for (const one of Object.values(value)) note(one, found);
  } else if (typeof value === "string" && /^[a-z]{2,4}_[0-9a-z]{20,}$/.test(value)) keep(value.slice(0, value.indexOf("_")), value);
};
addEventListener("weft:answer", ({ detail }) => {
  if (!detail || detail.__schema) return;
  const found = new Map();
  note(preferred(detail), found);
  note(detail, found);
  for (const [kind, value] of found) seen.set(kind, value);
});
const fill = (template, current) => {
  const value = (placeholder, now) => {
    const kind = /^(?:([a-z]{2,4})_)?…$/.exec(placeholder);
    const isOurs = now === undefined || now === placeholder || filled.has(now);
    if (!kind || !isOurs) return now ?? placeholder;
    const known = seen.get(kind[1] ?? "transition");
    if (known) filled.add(known);
    return known ?? now ?? placeholder;
  };
  const merged = (from, now) => {
    if (typeof from === "string") return value(from, typeof now === "string" ? now : undefined);
    if (!from || typeof from !== "object" || Array.isArray(from)) return now ?? from;
    const keys = Object.keys({ ...from, ...now });
    return Object.fromEntries(keys.map((key) => [key, key in from ? merged(from[key], now?.[key]) : now[key]]));
  };
  return JSON.stringify(merged(JSON.parse(template), current), null, 2);
};

const model = (name) => globalThis.monaco?.editor.getModels().find(({ uri }) => uri.path.endsWith(name));
const show = ({ operationName, source, variables }) => {
  const tab = [...document.querySelectorAll(".graphiql-tab-button")].find(({ title }) => title === operationName);
  if (tab) tab.click();
  else document.querySelector(".graphiql-tab-add").click();
  const [operation, values] = [model("operation.graphql"), model("variables.json")];
  if (!tab) operation.setValue(source);
  if (variables) {
    try {
      values.setValue(fill(variables, tab ? JSON.parse(values.getValue()) : undefined));
    } catch {
      // The user is still editing these variables.
    }
  }
  if (innerWidth <= 760) document.querySelector('[aria-label="Hide Examples"]')?.click();
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
  show(example);
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

let plugins;
const Explorer = (props) => {
  const element = Ruru(props);
  // The Explain plugin is for servers that expose their SQL.
  plugins ??= [examplesPlugin, ...element.props.plugins.filter(({ title }) => title !== "Explain")];
  return React.cloneElement(element, { plugins });
};
createRoot(document.getElementById("ruru-root")).render(h(Explorer, { ...RURU_CONFIG, defaultEditorToolsVisibility: true }));
</script>
`;
}
