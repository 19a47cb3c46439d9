import { type ExampleOperation, operationNameOf } from "./example-operations.js";
import { inScript } from "./in-script.js";
import { storedSessionScript } from "./stored-session.js";

/** Operations opened in tabs at the first visit. The list of examples contains all of them. */
const startTabs = ["me"];

/**
 * Runs before GraphiQL reads its stored tabs. A first visit gets one tab, preceded by a login tab if the user is not signed in. Tabs that an earlier
 * version opened for all examples are closed unless the user changed them, because the list contains them. Everything else in the store is the user's
 * own work and stays.
 */
export function storedTabsScript(operations: readonly ExampleOperation[]): string {
  const tabs = operations.map((operation) => ({
    name: operation.name,
    tab: {
      id: `start-${operation.name}`,
      hash: null,
      title: operationNameOf(operation),
      query: operation.source,
      variables: operation.variables ?? null,
      headers: null,
      operationName: operationNameOf(operation),
      response: null,
    },
  }));
  return `<script>
(() => {${storedSessionScript}
  const examples = ${inScript(tabs)};
  const read = () => { try { return JSON.parse(localStorage.getItem("graphiql:tabState")); } catch { return undefined; } };
  const stored = read();
  const isUnchanged = ({ id, query, variables }) =>
    /^example-\\d+$/.test(id) && examples.some(({ tab }) => tab.query === query && (tab.variables ?? "") === (variables ?? ""));
  const kept = Array.isArray(stored?.tabs) ? stored.tabs.filter((tab) => !isUnchanged(tab)) : [];
  if (stored && kept.length === stored.tabs?.length && kept.length > 0) return;
  const wanted = [...(storedSession() ? [] : ["login"]), ...${inScript(startTabs)}];
  const tabs = kept.length > 0 ? kept : wanted.flatMap((name) => examples.filter((example) => example.name === name).map(({ tab }) => tab));
  if (tabs.length === 0) return;
  const activeTabIndex = Math.max(0, kept.indexOf(stored?.tabs?.[stored.activeTabIndex]));
  localStorage.setItem("graphiql:tabState", JSON.stringify({ activeTabIndex, tabs }));
  // Unless these match the active tab, GraphiQL opens another tab.
  for (const name of ["query", "variables"]) {
    if (tabs[activeTabIndex][name]) localStorage.setItem("graphiql:" + name, tabs[activeTabIndex][name]);
    else localStorage.removeItem("graphiql:" + name);
  }
})();
// In a narrow window, the list would cover the editor.
if (localStorage.getItem("graphiql:visiblePlugin") === null && innerWidth > 760) localStorage.setItem("graphiql:visiblePlugin", "Examples");
</script>
`;
}
