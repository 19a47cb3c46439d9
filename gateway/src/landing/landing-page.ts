import type { DemoLogin } from "@weft/shared";
import { landingScript } from "./landing-script.js";
import { landingStyle } from "./landing-style.js";

/** The landing page of demo mode. `origin`: where the browser reached us, for Apollo Sandbox to call back. */
export function landingPage(logins: readonly DemoLogin[], origin: string): string {
  const [first = "", ...others] = new Set(logins.map(({ tenant }) => tenant));
  const listOf = (tenant: string): string => people(logins.filter((login) => login.tenant === tenant));
  const sandbox = `https://studio.apollographql.com/sandbox/explorer?endpoint=${encodeURIComponent(`${origin}/graphql`)}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weft</title>
<link rel="icon" href="data:,">
<style>${landingStyle}</style>
<main>
<h1>Weft</h1>
<p class="lead">Weft runs your company’s work: requests, maintenance, approvals, projects. You describe how work moves; Weft moves it.</p>
<p>States and transitions, human tasks, rules, audit and notifications, for many organizations, behind one federated GraphQL API, live.</p>
<nav aria-label="Places"><ul>
<li><a href="/explorer">API explorer</a></li>
<li><a href="${escaped(sandbox)}" rel="noreferrer" target="_blank">Apollo Sandbox</a></li>
<li><a href="/schema.graphql" download>Schema</a></li>
<li><a href="/health/ready">Health</a></li>
</ul></nav>
<h2 id="demo">Sign in to the demo</h2>
<p class="soft">Choose a user: you are logged in and the explorer opens. The password is the name before the @ and 123. These users exist in demo mode only.</p>
<output role="status"></output>
<h3>${escaped(first)}</h3>
${listOf(first)}
${others.map((tenant) => `<details><summary>${escaped(tenant)}</summary>\n${listOf(tenant)}\n</details>`).join("\n")}
<h2>From your own code</h2>
<p>Queries and mutations go to <code>POST ${escaped(origin)}/graphql</code>. Subscriptions use the same address over WebSocket (<code>graphql-transport-ws</code>). Pages on any port of
<code>localhost</code> can call it.</p>
<footer>The documentation is in the folder <code>docs</code> of the repository: begin with <code>docs/api.md</code> and <code>docs/guide-approval-process.md</code>.</footer>
</main>
<script>${landingScript}</script>
</html>
`;
}

function people(logins: readonly DemoLogin[]): string {
  const rows = logins.map(
    ({ email, password, name, can }) =>
      `<li><button type="button" data-login="${escaped(email)}" data-password="${escaped(password)}"><span class="name">${escaped(name)}</span> <span class="login">${escaped(email)}</span> <span class="can">${escaped(can)}</span></button></li>`,
  );
  return `<ul class="people">\n${rows.join("\n")}\n</ul>`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text for an element or for an attribute in double quotes. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
