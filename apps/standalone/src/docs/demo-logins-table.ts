import { demoLogins } from "@weft/shared/demo";

const begin = "<!-- demo logins: written by `pnpm run docs` -->";
const end = "<!-- end of demo logins -->";

/** Returns the page with the table of demo logins between its two markers. @throws Error if the markers are missing */
export function withDemoLogins(page: string): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`The page needs the line "${begin}", followed later by the line "${end}".`);
  return `${page.slice(0, before)}${begin}\n\n${table()}\n\n${page.slice(after)}`;
}

/** One row per login. The first organization's table is visible, and the others are in collapsible sections. */
function table(): string {
  const tenants = [...new Set(demoLogins.map(({ tenant }) => tenant))];
  const tableOf = (tenant: string): string =>
    [
      "| demo login | password | name | what they can do |",
      "|---|---|---|---|",
      ...demoLogins
        .filter((login) => login.tenant === tenant)
        .map(({ email, password, name, can }) => `| \`${email}\` | \`${password}\` | ${name} | ${can} |`),
    ].join("\n");
  const [first = "", ...others] = tenants;
  const sections = others.map((tenant) => `<details><summary>${tenant}</summary>\n\n${tableOf(tenant)}\n\n</details>`);
  return [`${first}:`, tableOf(first), ...sections].join("\n\n");
}
