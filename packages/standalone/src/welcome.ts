import { type Config, demoLogins } from "@weft/shared";

/** What a person sees when Weft is up: where it is, who can log in, what to try. */
export function welcome(config: Config, url: string, startMs: number): string {
  const lines = [``, `Weft is up after ${(startMs / 1000).toFixed(1)} s: ${url}  (landing page and API; health at ${url}/health/ready)`];
  if (config.mode !== "demo") return lines.join("\n");
  const people = demoLogins.map(
    ({ email, password, tenant, can }) => `  ${email.padEnd(24)} ${password.padEnd(15)} ${tenant.padEnd(19)} ${can}`,
  );
  const port = config.port === 4000 ? "" : `PORT=${config.port} `;
  return [
    ...lines,
    ``,
    `Demo logins (login, password, organization, what they can do):`,
    ...people,
    ``,
    `Try next, in another terminal:`,
    `  ${port}npx --yes pnpm demo`,
    `  curl -s ${url}/graphql -H 'content-type: application/json' -d '{"query":"mutation { login(input: { login: \\"requester@acme.com\\", password: \\"requester123\\" }) { accessToken } }"}'`,
    `  curl -s ${url}/health/ready`,
    ``,
  ].join("\n");
}
