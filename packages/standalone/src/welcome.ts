import type { Config } from "@weft/shared";
import { demoOrganizations, demoPassword, demoPlatform } from "./demo-people.js";

/** What a person sees when Weft is up: where it is, who can log in, what to try. */
export function welcome(config: Config, url: string, startMs: number): string {
  const lines = [``, `Weft is up after ${(startMs / 1000).toFixed(1)} s: ${url}  (explorer and API; health at ${url}/health/ready)`];
  if (config.mode !== "demo") return lines.join("\n");
  const line = (login: string, role: string, organization: string): string =>
    `  ${login.padEnd(24)} ${demoPassword(login).padEnd(16)} ${role.padEnd(18)} ${organization}`;
  const people = demoOrganizations.flatMap(({ name, users }) =>
    users
      .filter(({ roles }) => ["admin", "workflow_manager", "operations", "requester", "vendor_user"].includes(roles[0] ?? ""))
      .map(({ login, roles }) => line(login, roles[0] ?? "", name)),
  );
  people.push(line(demoPlatform.operator.login, "platform_operator", demoPlatform.name));
  const port = config.port === 4000 ? "" : `PORT=${config.port} `;
  return [
    ...lines,
    ``,
    `Demo logins (login, password, role, organisation):`,
    ...people,
    ``,
    `Try next, in another terminal:`,
    `  ${port}npx --yes pnpm demo`,
    `  curl -s ${url}/graphql -H 'content-type: application/json' -d '{"query":"mutation { login(input: { login: \\"requester@acme.com\\", password: \\"requester123\\" }) { accessToken } }"}'`,
    `  curl -s ${url}/health/ready`,
    ``,
  ].join("\n");
}
