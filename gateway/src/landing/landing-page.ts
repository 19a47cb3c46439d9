import type { DemoLogin } from "@weft/shared/demo";
import { escapedHtml as escaped } from "@weft/shared/texts";
import { landingScript } from "./landing-script.js";
import { landingStyle } from "./landing-style.js";

export interface LandingPageOptions {
  /** The origin that the browser used, for Apollo Sandbox to call back. */
  readonly origin: string;
  /** Whether this server has the console at `/console/`. */
  readonly hasConsole: boolean;
  /** Whether this server has the documentation at `/docs/`. */
  readonly hasDocs: boolean;
  /** Whether this server has the emails of the demo at `/outbox`. */
  readonly hasOutbox: boolean;
  readonly hasReceiver: boolean;
}

/** Returns the landing page of demo mode. */
export function landingPage(logins: readonly DemoLogin[], options: LandingPageOptions): string {
  const { origin, hasConsole, hasDocs, hasOutbox, hasReceiver } = options;
  const [first = "", ...others] = new Set(logins.map(({ tenant }) => tenant));
  const listOf = (tenant: string): string =>
    people(
      logins.filter((login) => login.tenant === tenant),
      { hasConsole },
    );
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
<p class="lead">Weft runs your company’s workflows: requests, maintenance, approvals, and projects. You define the process, and Weft runs it.</p>
<p>States and transitions, human tasks, rules, an audit trail, and notifications for many organizations, in one federated GraphQL API with live updates.</p>
<nav aria-label="Links"><ul>
${hasConsole ? `<li><a href="/console/">Console</a></li>\n` : ""}<li><a href="/explorer">API explorer</a></li>
<li><a href="/docs/api">REST API</a></li>
${hasDocs ? `<li><a href="/docs/">Documentation</a></li>\n` : ""}<li><a href="${escaped(sandbox)}" rel="noreferrer" target="_blank">Apollo Sandbox</a></li>
${hasOutbox ? `<li><a href="/outbox">Mails</a></li>\n` : ""}${hasReceiver ? `<li><a href="/receiver">Received webhooks</a></li>\n` : ""}<li><a href="/schema.graphql" download>Schema</a></li>
<li><a href="/health/ready">Health</a></li>
</ul></nav>
<h2 id="demo">Sign in to the demo</h2>
<p class="soft">${hasConsole ? "Choose a user. The console is where people do their work; the explorer sends queries to the API." : "Choose a user to log in and open the explorer."} Each password is the part of the email before the @, followed by 123. These users exist only in demo mode.</p>
<output role="status"></output>
<h3>${escaped(first)}</h3>
${listOf(first)}
${others.map((tenant) => `<details><summary>${escaped(tenant)}</summary>\n${listOf(tenant)}\n</details>`).join("\n")}
<h2>Call the API from your code</h2>
<p>Send queries and mutations to <code>POST ${escaped(origin)}/graphql</code>. Subscriptions use the same URL over WebSocket (<code>graphql-transport-ws</code>). Pages on any port of
<code>localhost</code> can call it.</p>
<footer>${hasDocs ? `<a href="/docs/tutorials/approval-process">Build your first workflow</a> with the tutorial.` : `The documentation is in the <code>docs</code> folder of the repository. Start with <code>docs/index.md</code>.`}</footer>
</main>
<script>${landingScript}</script>
</html>
`;
}

function people(logins: readonly DemoLogin[], { hasConsole }: Pick<LandingPageOptions, "hasConsole">): string {
  const rows = logins.map(({ email, password, name, can }) => {
    const button = (opens: "console" | "explorer", label: string): string =>
      `<button type="button" data-opens="${opens}" data-login="${escaped(email)}" data-password="${escaped(password)}" aria-label="${label} as ${escaped(name)}">${label}</button>`;
    const buttons = hasConsole
      ? [button("console", "Open the console"), button("explorer", "Explorer")]
      : [button("explorer", "Open the explorer")];
    return `<li><span class="who"><span class="name">${escaped(name)}</span> <span class="login">${escaped(email)}</span></span> <span class="can">${escaped(can)}</span> <span class="buttons">${buttons.join(" ")}</span></li>`;
  });
  return `<ul class="people">\n${rows.join("\n")}\n</ul>`;
}
