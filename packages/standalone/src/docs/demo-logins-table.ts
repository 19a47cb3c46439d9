import { demoLogins } from "@weft/shared";

const begin = "<!-- demo logins: written by `pnpm run docs` -->";
const end = "<!-- end of demo logins -->";

/** The page with the table of the demo's logins between its two markers. @throws Error when the page lacks them */
export function withDemoLogins(page: string): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`The page needs a line "${begin}" and after it a line "${end}".`);
  return `${page.slice(0, before)}${begin}\n\n${table()}\n\n${page.slice(after)}`;
}

/** One row for each login, the first organization's in sight and the others' in sections that open. */
function table(): string {
  const tenants = [...new Set(demoLogins.map(({ tenant }) => tenant))];
  const tableOf = (tenant: string): string =>
    [
      "| demo login | password | name | can |",
      "|---|---|---|---|",
      ...demoLogins
        .filter((login) => login.tenant === tenant)
        .map(({ email, password, name, can }) => `| \`${email}\` | \`${password}\` | ${name} | ${can} |`),
    ].join("\n");
  const [first = "", ...others] = tenants;
  const sections = others.map((tenant) => `<details><summary>${tenant}</summary>\n\n${tableOf(tenant)}\n\n</details>`);
  return [`${first}:`, tableOf(first), ...sections].join("\n\n");
}
