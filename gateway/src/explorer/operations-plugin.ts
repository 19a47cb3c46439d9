import { inScript } from "./in-script.js";

/**
 * Browser code that declares `operationsPlugin`: the sidebar pane with all operations of the API by area, and a field that finds them by name or
 * description. They are loaded when the pane is first opened. A click opens an operation in a tab. Uses `React`, `h` and `open` of the script around it.
 */
export const operationsPlugin = (url: string): string => `
let loadedAreas;
const loadAreas = () => loadedAreas ??= fetch(${inScript(url)}).then((answer) => {
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}).catch(() => {
  // The next time that the pane is opened, it tries again.
  loadedAreas = undefined;
  return null;
});
const kindNames = { query: "", mutation: "writes", subscription: "live" };
const Operations = () => {
  const [areas, setAreas] = React.useState([]);
  const [wantedText, setWantedText] = React.useState("");
  React.useEffect(() => void loadAreas().then(setAreas), []);
  const words = wantedText.toLowerCase().split(/\\s+/).filter((word) => word !== "");
  const fits = ({ name, summary }) => words.every((word) => (name + " " + summary).toLowerCase().includes(word));
  const shownAreas = (areas ?? []).map(({ title, operations }) => ({ title, operations: operations.filter(fits) })).filter(({ operations }) => operations.length > 0);
  return h("section", { className: "weft-examples", "aria-label": "Operations" },
    h("h2", null, "Operations"),
    h("input", { type: "search", className: "weft-find", "aria-label": "Find an operation", placeholder: "Find an operation", value: wantedText, onChange: ({ target }) => setWantedText(target.value) }),
    areas === null && h("p", { role: "alert" }, "The operations could not be loaded. Open this pane again."),
    areas?.length > 0 && shownAreas.length === 0 && h("p", { role: "status" }, "No operation fits."),
    shownAreas.map(({ title, operations }) => h("details", { key: title + (words.length > 0), open: words.length > 0 },
      h("summary", null, title, " ", h("span", { className: "weft-kind" }, operations.length)),
      h("ul", null, operations.map(({ name, kind, summary, source, variables }) => h("li", { key: kind + name },
        h("button", { type: "button", title: summary, "data-operation": kind + " " + name, onClick: () => open({ operationName: name, source, variables }) },
          h("span", { className: "weft-example" }, name.charAt(0).toLowerCase() + name.slice(1)), " ",
          kindNames[kind] && h("span", { className: "weft-kind" }, kindNames[kind]))))))));
};
const OperationsIcon = (props) => h("svg", { ...props, viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", strokeWidth: 1.4 },
  h("path", { d: "M2 2.5h5v4.5h-5zM9.5 2.5h4.5v4.5h-4.5zM2 9.5h5v4h-5zM9.5 9.5h4.5v4h-4.5z" }));
const operationsPlugin = { title: "Operations", icon: OperationsIcon, content: Operations };
`;
