import { demoLogins } from "@weft/shared/demo";
import type { Config } from "@weft/platform/config";

interface Started {
  readonly startMs: number;
  /** Whether this is the package for npm, without the repository and its scripts. */
  readonly isPackaged: boolean;
  /** Whether Acme's history is being created now. */
  readonly isPastComing: boolean;
}

/** Returns the text printed after the start: the URL, the logins, and what to try. */
export function welcome(config: Config, url: string, { startMs, isPackaged, isPastComing }: Started): string {
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
    `Next steps, in another terminal:`,
    `  ${port}${isPackaged ? "weft demo" : "npx --yes pnpm demo"}`,
    `  curl -s ${url}/graphql -H 'content-type: application/json' -d '{"query":"mutation { login(input: { login: \\"requester@acme.com\\", password: \\"requester123\\" }) { accessToken } }"}'`,
    `  curl -s ${url}/health/ready`,
    ``,
    ...(isPastComing
      ? [
          `Weft is creating three months of history for Acme, which takes some seconds. Until Weft says here that the demo data is complete,`,
          `you can look around in Acme, but not change anything.`,
          ``,
        ]
      : []),
  ].join("\n");
}
